//! The amount of memory that this program may use.

/// Returns the size in bytes of the machine's memory, or of a smaller limit on this process; `None` if the system does not
/// report it.
pub fn memory_size() -> Option<u64> {
    [machine_memory(), container_limit(), super::address_space_limit()].into_iter().flatten().min()
}

fn machine_memory() -> Option<u64> {
    parse_meminfo(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// Returns the limit of the control group, which containers set.
fn container_limit() -> Option<u64> {
    std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok()
}

fn parse_meminfo(text: &str) -> Option<u64> {
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_total_of_meminfo() {
        let text = "MemTotal:       24684064 kB\nMemFree:         1000 kB\n";
        assert_eq!(parse_meminfo(text), Some(24_684_064 * 1024));
        assert_eq!(parse_meminfo("MemFree: 1 kB\n"), None);
    }
}
