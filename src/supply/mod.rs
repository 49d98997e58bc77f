//! Suppliers, orders, sites, power, failures and planning.

pub mod params;
