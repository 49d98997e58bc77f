//! How long the tables of a ten-year ensemble take.

use super::summary::{Ensemble, Summary};
use super::{Every, tables};
use crate::model::record::{Recorded, SeriesKey};
use std::time::Instant;

/// 600 series over ten years, 64 replications: what the baseline leaves behind.
fn replication(index: u32) -> Recorded {
    let dates = (0..120).map(|m| format!("{}-{:02}-28", 2023 + m / 12, m % 12 + 1)).collect();
    let keys = (0..600).map(|i| SeriesKey {
        metric: format!("share_{}", i % 30),
        entity: format!("entity-{}", i / 30),
        counterparty: String::new(),
    });
    let values = (0..72_000_u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761).rotate_left(index)) / 4.3e9);
    Recorded { dates, keys: keys.collect(), values: values.collect() }
}

#[test]
#[ignore = "measures the time of tables; run with --release and --nocapture"]
fn tables_of_a_ten_year_ensemble() {
    let folder = tempfile::tempdir().unwrap();
    let recorded: Vec<Recorded> = (0..64).map(replication).collect();
    let start = Instant::now();
    let mut table = tables::MetricsWriter::create(&folder.path().join("m.parquet"), "base", Every::Month).unwrap();
    for (index, recorded) in (0..).zip(&recorded) {
        table.append(index, recorded).unwrap();
    }
    table.finish().unwrap();
    println!("metrics.parquet {:?}", start.elapsed());
    let start = Instant::now();
    let mut table = tables::MetricsCsv::create(&folder.path().join("m.csv"), "base", Every::Month).unwrap();
    for (index, recorded) in (0..).zip(&recorded) {
        table.append(index, recorded).unwrap();
    }
    table.finish().unwrap();
    println!("metrics.csv     {:?}", start.elapsed());
    let ensemble = Ensemble {
        scenario: "base".into(),
        dates: recorded[0].dates.clone(),
        keys: recorded[0].keys.clone(),
        replications: (0..).zip(recorded).map(|(i, r)| (i, r.values)).collect(),
    };
    let start = Instant::now();
    let summary = Summary::of(&ensemble);
    println!("summary         {:?}", start.elapsed());
    let start = Instant::now();
    tables::write_summary(&folder.path().join("s.csv"), &summary).unwrap();
    println!("summary.csv     {:?}", start.elapsed());
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
    println!("{} bytes of Parquet, {} of CSV", size("m.parquet"), size("m.csv"));
}
