-- Which licences count as permissive, their ratings by the Blue Oak Council, and the files kept.
SELECT licence_spdx, rating, count(path) AS kept_files
FROM permissive_licences LEFT JOIN corpus USING (licence_spdx)
GROUP BY licence_spdx, rating
ORDER BY list_position(['model', 'gold', 'silver', 'bronze', 'lead'], rating), licence_spdx
