//! An allocator that counts what a thread does to the heap while it is on guard. Every binary that has this has it as its
//! allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what a thread does to the heap while it is on guard.
struct Guard;

thread_local! {
    static ON_GUARD: Cell<bool> = const { Cell::new(false) };
    static NUM_TOUCHES: Cell<usize> = const { Cell::new(0) };
}

fn touch() {
    // A thread that ends has no guard left to ask.
    if ON_GUARD.try_with(Cell::get).unwrap_or(false) {
        let _ = NUM_TOUCHES.try_with(|num| num.set(num.get() + 1));
    }
}

#[expect(unsafe_code, reason = "an allocator can be written in no other way")]
// SAFETY: everything is passed on to the system's allocator; counting touches no heap.
unsafe impl GlobalAlloc for Guard {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        touch();
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        touch();
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, num_bytes: usize) -> *mut u8 {
        touch();
        // SAFETY: as the caller promised.
        unsafe { System.realloc(block, layout, num_bytes) }
    }
}

#[global_allocator]
static GUARD: Guard = Guard;

/// How often the heap was touched while `act` ran. Where the real-time sanitizer is linked, it ends the process at the
/// first call that may block.
pub(crate) fn touches(act: impl FnOnce()) -> usize {
    NUM_TOUCHES.set(0);
    ON_GUARD.set(true);
    sanitizer::enter();
    act();
    sanitizer::exit();
    ON_GUARD.set(false);
    NUM_TOUCHES.get()
}

/// The real-time sanitizer of LLVM, which a nightly toolchain brings; see SECURITY.md.
#[cfg(realtime_sanitizer)]
mod sanitizer {
    #[expect(unsafe_code, reason = "the sanitizer is a library of C")]
    mod runtime {
        unsafe extern "C" {
            /// From here on the thread may not block.
            pub(super) safe fn __rtsan_realtime_enter();
            /// It may again.
            pub(super) safe fn __rtsan_realtime_exit();
        }
    }

    pub(super) fn enter() {
        runtime::__rtsan_realtime_enter();
    }

    pub(super) fn exit() {
        runtime::__rtsan_realtime_exit();
    }
}

#[cfg(not(realtime_sanitizer))]
mod sanitizer {
    pub(super) fn enter() {}

    pub(super) fn exit() {}
}
