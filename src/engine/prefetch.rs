//! Asking for a cache line before it is needed.

/// Tells the processor that `items[index]` is about to be read. Any index will do; it changes speed and nothing else.
#[inline(always)]
pub fn prefetch<T>(items: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let address = items.as_ptr().wrapping_add(index);
        // SAFETY: a prefetch is a hint that never faults, whatever the address, and SSE is part of x86-64.
        #[expect(unsafe_code, reason = "a prefetch reads nothing and cannot fault")]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(address.cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, index);
}
