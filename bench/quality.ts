import './quality/index';
