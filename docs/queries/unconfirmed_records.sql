/* 一年没有任何来源报送过的人和房屋，最久的在前；一年自发布的数据日期倒算。 */
SELECT table_name, key, last_confirmed_on, dataset
FROM mart.unconfirmed_record
ORDER BY last_confirmed_on, table_name, key;
