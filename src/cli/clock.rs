//! The wall clock and the process's memory. They go to `timing.json` and to the screen, never into a result.

use std::time::{Duration, Instant};

/// Time since it was started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// `count` a second of the time so far.
    pub(super) fn rate(self, count: u64) -> f64 {
        count as f64 / self.elapsed().as_secs_f64().max(1e-9)
    }
}

/// The most memory that the process has held so far, in bytes, where the system tells it.
pub(super) fn peak_memory_bytes() -> Option<u64> {
    high_water_mark(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// `duration` as a person says it.
pub(super) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match whole / 60 {
        minutes @ 0..60 => format!("{minutes} min {} s", whole % 60),
        minutes => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spoken_in_two_units() {
        let spoken_of = |seconds| spoken(Duration::from_secs_f64(seconds));
        assert_eq!(spoken_of(3.26), "3.3 s");
        assert_eq!(spoken_of(61.7), "1 min 2 s");
        assert_eq!(spoken_of(7_384.0), "2 h 3 min");
    }

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        assert_eq!(high_water_mark("Name:\tx\nVmHWM:\t    1536 kB\nVmRSS:\t  10 kB\n"), Some(1_572_864));
        assert_eq!(high_water_mark("Name:\tx\n"), None);
    }
}
