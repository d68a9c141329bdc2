export { mysqlMigrations } from './migrations/mysql.ts';
