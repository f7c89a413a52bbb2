-- Runs once, on an empty database server. The passwords are those of server.env.
CREATE ROLE datapool LOGIN PASSWORD '改成密码';
CREATE ROLE airflow LOGIN PASSWORD '改成密码';
CREATE DATABASE datapool OWNER datapool ENCODING 'UTF8';
CREATE DATABASE airflow OWNER airflow ENCODING 'UTF8';
