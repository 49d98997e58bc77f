//! What binds: the limit that kept a cloud from serving more compute in a month, and what one more unit of it would
//! have been worth, with the rest of that month held.
//!
//! The *month problem* of a cloud is the month as it was, re-solved at the margin with the supply side's own rules and
//! without their lags. Served compute, mean of the month [chat H100e]:
//!
//! `S = min(δ·D, u·(C + P(x, π) − P(x₀, 1)))`
//!
//! D load before rationing: what was served and what was turned away · C compute that was there · u its utilisation if
//! load was turned away, else 1: the ceiling is what a load of this shape, with these rights and stacks, could use ·
//! P compute that the month's shipments x add at the sites, power times π [chat H100e] · x₀ what was shipped · δ factor
//! on demand. Without a change S is what was served.
//!
//! - **Shipments** x: the orders of all buyers that could ship when the month opened are built within lines and pools
//!   ([`suppliers`](super::suppliers)) and divided by the suppliers' rules, fractions of a chip included.
//! - **Power** P: what was in stock at the opening and what ships goes to the sites by the rule of installation
//!   ([`install`](super::install)), the best use of power first, then by swaps; at the power of the month's end, with
//!   no limit on the rate.
//! - **The plan** matters where load was turned away although nothing was in the backlog and nothing waited for power:
//!   the cloud had not ordered enough. One per cent more of what bound its last plan orders one per cent more of it
//!   (of the need, the budget or the lines' year), which may ship in the month if lines and pools allow.
//!
//! **Named from the structure**, not from trials: demand if nothing was turned away; power if chips wait for it; of what
//! stopped the makers of the types that the cloud misses (a line: chips; a pool: packaging or memory, as the scenario
//! says; any other pool: chips) the limit through which most of what it got came, so that one per cent more of it
//! brings most; power if chips made others go; else what bound the last plan. Other limits may bind beside the named
//! one, say packaging for one type and a line for another, or a line whose wafers the cloud's own types would lack:
//! where one per cent more of it moves what is served, up or down.
//!
//! **Value**: `ΔS/Δn · h · p` over one per cent more, n the cloud's own units of the limit (chips shipped to it, wafers
//! or GB in them, MW energized, USD, H100e asked for), h hours of the month, p its price on demand [USD/H100e-hour].
//!
//! **How good is it?** Of 2,160 months of clouds (three replications of the baseline) the named limit, one per cent
//! higher, raises what is served in 2,142. The others are months in which lines are full and packaging all but used up,
//! so that more of all lines takes wafers from the types that the cloud got. A limit that is not said to bind changes
//! nothing, to the bit. `tests/binds.rs` looks at 60 of them.
//!
//! Why do shipments meet the fleet of the opening and the power of the month's end? So the month's chips stand against the
//! month's power; with the pipeline on top, every growing cloud would seem to lack power. Why is the month's own compute
//! kept? Shipments take months to arrive: counted at once, they would make a cloud that turns load away look satisfied.
//! Why one ceiling instead of the day's peak? Off the peak demand would bind beside the limit that binds at it. Left out: retirements of the month,
//! repairs, the rate of installation, stacks that the load turned away could not run on, the lead times of what a plan
//! orders besides. Source: assumed.

mod limits;
mod month;
mod opening;
mod place;
mod problem;

pub use limits::{Limit, Limits, STEP};
pub use month::SupplyMonth;
pub use opening::Opening;
pub use problem::{CloudMonth, Problem, SitePower};
