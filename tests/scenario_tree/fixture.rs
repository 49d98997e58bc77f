//! A small schema, and folders of files to read.

use cloudmarket::scenario::decode::Cited;
use cloudmarket::scenario::scalar::{Date, Distribution, Scalar};
use cloudmarket::spec;
use std::collections::BTreeMap;
use std::path::PathBuf;

spec! {
    /// A whole scenario.
    pub struct World {
        /// What it is called.
        pub name: String,
        /// What it shows.
        #[serde(default)]
        pub about: String,
        /// First and last day.
        pub horizon: (Date, Date),
        /// Seed of all streams.
        pub seed: u64,
        /// Clouds by id.
        #[serde(default)]
        pub clouds: BTreeMap<String, CloudSpec>,
        /// Contracts by id.
        #[serde(default)]
        pub contracts: BTreeMap<String, ContractSpec>,
    }

    /// A cloud.
    pub struct CloudSpec {
        /// Cost of capital. [1/year]
        pub wacc: Scalar,
        /// Racks at the start. [racks]
        pub racks: u32,
        /// Time from order to delivery. [days]
        pub lead_time: Distribution,
        /// Regions.
        #[serde(default)]
        pub regions: Vec<String>,
        /// When it opens.
        pub opens: Option<Date>,
    }

    /// A contract.
    pub struct ContractSpec {
        /// Terms by id.
        pub terms: BTreeMap<String, TermSpec>,
    }

    /// A contract term.
    pub enum TermSpec {
        /// Share of revenue.
        RevenueShare {
            /// Part of revenue that is due. [1]
            rate: Scalar,
            /// Last day.
            until: Cited<Date>,
        },
        /// A commitment, by year.
        Commitment(CommitmentSpec),
        /// Only this cloud may sell.
        Exclusive(Date),
        /// Nothing is agreed.
        Free,
    }

    /// A commitment.
    pub struct CommitmentSpec {
        /// Amount due. [USD]
        pub amount: Scalar,
        /// Order among commitments.
        pub rank: Option<u8>,
    }
}

/// A scenario without a mistake.
pub const BASE: &str = r#"(
    name: "Base",
    horizon: ("2023-01-01", "2030-12-31"),
    seed: 1_000, // any
    clouds: {
        "azure": (
            wacc: 0.09,
            racks: 20,
            lead_time: LogNormal(median: 90, sigma: 0.3),
            regions: ["east", "west"],
            opens: "2023-02-28",
        ),
        "aws": (wacc: Linear([("2023-01-01", 0.08), ("2030-01-01", 0.10)]), racks: 30, lead_time: 60),
    },
    contracts: {
        "msft-openai": (terms: {
            "share": RevenueShare(rate: Sourced(Steps([("2023-01-01", 0.2)]), "contracts:A"), until: Sourced("2030-12-31", "contracts:B")),
            "azure-2025": Commitment(amount: Uncertain(Normal(mean: 250e9, sd: 1e9))),
            "api": Exclusive("2029-12-31"),
            "rest": Free,
        }),
    },
)"#;

/// A folder that is removed when it goes out of scope.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A message without the folder's own name, which changes.
    pub fn plain(&self, text: &impl ToString) -> String {
        text.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}
