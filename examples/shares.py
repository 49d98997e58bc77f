"""AWS's and Azure's share of AI revenue by quarter, with bands, and when the leader changes: DuckDB on metrics.parquet.

    cloudmarket run scenarios/baseline.ron --replications 8 --no-charts --out /tmp/run
    python examples/shares.py /tmp/run/baseline

The last lines check the figures against the simulator's own summary.csv.
"""

import sys

import duckdb

BANDS = """
    SELECT date, entity,
        quantile_cont(value, 0.05) AS p05, quantile_cont(value, 0.5) AS p50, quantile_cont(value, 0.95) AS p95
    FROM shares GROUP BY date, entity
"""


def main(folder):
    db = duckdb.connect()
    db.execute(f"""
        CREATE VIEW shares AS SELECT replication, date, entity, value FROM '{folder}/metrics.parquet'
        WHERE metric = 'share_revenue' AND entity IN ('aws', 'azure') AND month(date) % 3 = 0
    """)
    bands = db.execute(f"""
        SELECT year(date) || ' Q' || quarter(date) AS quarter,
            string_agg(format('{{:5.1f}} ({{:.1f}}-{{:.1f}})', 100 * p50, 100 * p05, 100 * p95), '   ' ORDER BY entity)
        FROM ({BANDS}) GROUP BY date ORDER BY date
    """).fetchall()
    print("share of AI revenue in the last month of the quarter, median (90 % band), %\n           AWS                Azure")
    for quarter, shares in bands:
        print(f"{quarter}  {shares}")
    leads(db)
    check(db, folder)


def leads(db):
    """From which quarter on AWS leads to the end, in each replication."""
    changes = db.execute("""
        WITH leads AS (
            SELECT replication, date, max(value) FILTER (entity = 'aws') - max(value) FILTER (entity = 'azure') AS lead
            FROM shares GROUP BY replication, date
        ), behind AS (
            SELECT replication, max(date) FILTER (lead <= 0) AS last, max(date) AS ends FROM leads GROUP BY replication
        )
        SELECT behind.replication, min(leads.date) FILTER (leads.date > behind.last)
        FROM behind JOIN leads USING (replication) GROUP BY behind.replication ORDER BY behind.replication
    """).fetchall()
    ahead = sorted(date for _, date in changes if date is not None)
    print(f"AWS ends ahead of Azure in {len(ahead)} of {len(changes)} replications", end="")
    print(f", for good from {ahead[0]} to {ahead[-1]} on" if ahead else "")


def check(db, folder):
    differing, compared = db.execute(f"""
        SELECT count(*) FILTER (greatest(abs(b.p05 - s.p05), abs(b.p50 - s.p50), abs(b.p95 - s.p95)) > 1e-12), count(*)
        FROM ({BANDS}) b JOIN read_csv('{folder}/summary.csv', header = true) s
            ON s.metric = 'share_revenue' AND s.entity = b.entity AND CAST(s.date AS DATE) = b.date
    """).fetchone()
    if differing or compared == 0 or compared != db.execute(f"SELECT count(*) FROM ({BANDS})").fetchone()[0]:
        sys.exit(f"{differing} of {compared} bands are not those of summary.csv")
    print(f"all {compared} bands are those of summary.csv")


if __name__ == "__main__":
    main(sys.argv[1])
