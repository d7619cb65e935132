import './scale/index';
