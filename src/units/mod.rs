//! Time, money and schedules: the quantities that every other module counts in.

mod calendar;
mod distribution;
mod money;
mod schedule;
mod time;

pub use calendar::{Calendar, CivilDate};
pub use distribution::{Distribution, norm_inv};
pub use money::Usd;
pub use schedule::{Curve, Schedule};
pub use time::{DAY, HOUR, Span, Time, YEAR_DAYS};
