//! Bytes that a pending event takes.

#![expect(unsafe_code, reason = "a global allocator is unsafe by its trait")]

use cloudmarket::engine::{Engine, Phase, Stream};
use cloudmarket::units::Span;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counting.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; counting does not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Prints the memory of an engine with many pending events, for several sizes of event.
pub fn report() {
    println!("\nbytes a pending event, capacity included\n{:<28} {:>9} {:>9}", "", "1 M", "1.1 M");
    println!("{:<28} {:>9.1} {:>9.1}", "event of 8 bytes", bytes::<1>(1_000_000), bytes::<1>(1_100_000));
    println!("{:<28} {:>9.1} {:>9.1}", "event of 24 bytes", bytes::<3>(1_000_000), bytes::<3>(1_100_000));
}

/// Bytes for each of `n` events of `WORDS` words, after some of them have come and gone.
fn bytes<const WORDS: usize>(n: u64) -> f64 {
    let mut chance = Stream::named(1, 0, "memory", "delays");
    let mut delay = || Span(chance.below(1 << 40) + 1);
    let before = ALLOCATED.load(Relaxed);
    let mut engine = Engine::new();
    for i in 0..n {
        engine.schedule_in(delay(), Phase::FIRST, [i; WORDS]);
    }
    for _ in 0..n / 2 {
        let fired = engine.step().expect("events are pending");
        engine.schedule_in(delay(), Phase::FIRST, fired.event);
    }
    (ALLOCATED.load(Relaxed) - before) as f64 / n as f64
}
