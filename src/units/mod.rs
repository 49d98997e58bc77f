//! Time, money and schedules: the quantities that every other module counts in.

mod calendar;
mod day_count;
mod distribution;
mod money;
mod normal;
mod schedule;
mod smaller;
mod time;

pub use calendar::{Calendar, CivilDate};
pub use day_count::{DayCount, PARTS};
pub use distribution::Distribution;
pub use money::Usd;
pub use normal::{norm_cdf, norm_inv};
pub use schedule::{Curve, Schedule};
pub use smaller::{larger, smaller};
pub use time::{DAY, HOUR, Span, Time, YEAR_DAYS};
