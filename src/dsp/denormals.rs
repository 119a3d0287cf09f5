//! Flushes numbers too small to be stored in full to zero while it lives, and restores the processor's mode after.
//!
//! Decaying recursions end in such numbers, and arithmetic on them is up to a hundred times slower.

/// Holds the processor of the thread that made it in flush-to-zero mode until dropped.
///
/// On x86-64 and 64-bit ARM; elsewhere it does nothing, and sound is the same but for numbers below 1e-38.
#[derive(Debug)]
pub struct FlushDenormals {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    restored: Control,
    /// The mode is the thread's own: this may not be sent to another.
    _here: core::marker::PhantomData<*const ()>,
}

#[cfg(target_arch = "x86_64")]
type Control = u32;
#[cfg(target_arch = "aarch64")]
type Control = u64;

/// MXCSR: flush results to zero (bit 15), take inputs as zero (bit 6).
#[cfg(target_arch = "x86_64")]
const FLUSH: Control = 1 << 15 | 1 << 6;
/// FPCR: flush to zero (bit 24), inputs and results.
#[cfg(target_arch = "aarch64")]
const FLUSH: Control = 1 << 24;

impl FlushDenormals {
    /// Sets the mode.
    #[must_use = "the mode ends when this is dropped"]
    pub fn new() -> Self {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        {
            let restored = control();
            set_control(restored | FLUSH);
            Self { restored, _here: core::marker::PhantomData }
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        Self { _here: core::marker::PhantomData }
    }
}

impl Default for FlushDenormals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Drop for FlushDenormals {
    fn drop(&mut self) {
        set_control(self.restored);
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the mode can be read by no safe function")]
fn control() -> Control {
    let mut value: Control = 0;
    // SAFETY: stmxcsr writes four bytes to `value`, which is ours; every x86-64 processor has it.
    unsafe { core::arch::asm!("stmxcsr [{}]", in(reg) &mut value, options(nostack, preserves_flags)) };
    value
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the mode can be set by no safe function")]
fn set_control(value: Control) {
    // SAFETY: `value` is a mode read before, with the two flush bits at most added: no exception is unmasked. Sound
    // code between here and the restoring call depends on no denormal number.
    unsafe { core::arch::asm!("ldmxcsr [{}]", in(reg) &value, options(nostack, preserves_flags, readonly)) };
}

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the mode can be read by no safe function")]
fn control() -> Control {
    let value: Control;
    // SAFETY: reading FPCR has no effect; every 64-bit ARM processor has it.
    unsafe { core::arch::asm!("mrs {}, fpcr", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the mode can be set by no safe function")]
fn set_control(value: Control) {
    // SAFETY: `value` is a mode read before, with the flush bit at most added: no exception is enabled.
    unsafe { core::arch::asm!("msr fpcr, {}", in(reg) value, options(nomem, nostack, preserves_flags)) };
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    use std::hint::black_box;

    fn half_the_smallest() -> f32 {
        black_box(f32::MIN_POSITIVE) * black_box(0.5)
    }

    #[test]
    fn denormals_are_zero_inside_and_themselves_outside() {
        assert!(half_the_smallest() != 0.0, "before");
        {
            let _flush = FlushDenormals::new();
            assert_eq!(half_the_smallest(), 0.0);
        }
        assert!(half_the_smallest() != 0.0, "after");
    }
}
