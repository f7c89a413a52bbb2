/* 第 1 版发布里有而现在没有了、或说法不同了的人各有多少：按当时的样子查，那一版的文件不在了也行。
   各表都有 _as_seen：person_as_seen(1)、house_as_seen(1)、organisation_as_seen(1)、event_as_seen(1)、residence_as_seen(1) …… */
SELECT count(*) AS persons_then,
       count(*) FILTER (now.person_id IS NULL) AS gone,
       count(*) FILTER (now.person_id IS NOT NULL AND earlier <> now) AS changed
FROM pool.person_as_seen(1) AS earlier LEFT JOIN pool.person AS now USING (person_id);
