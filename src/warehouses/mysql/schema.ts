export { mysqlMigrations } from './migrations.ts';
