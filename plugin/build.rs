//! How the plugin's library is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target_os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if ["linux", "freebsd"].contains(&target_os.as_str()) {
        // A host may unload the library while threads of its own live on that have called into it. When such a thread
        // ends, the system runs the destructors of what Rust keeps for it (nice-plug asks for the current thread): were
        // their code gone, the host would crash. So the library stays until the process ends.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
