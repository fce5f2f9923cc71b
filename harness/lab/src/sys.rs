//! System calls that the standard library does not wrap. The only unsafe code of this crate.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use nix::libc;
use nix::sched::{CloneFlags, setns};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};

/// Capabilities that a program in a router may hold: what an IKE daemon needs to drive the kernel's
/// IPsec, open its sockets, and shed its own privileges. Numbers as in `linux/capability.h`.
pub(crate) const ROUTER_CAPABILITIES: &[(&str, u8)] = &[
    ("CAP_CHOWN", 0),
    ("CAP_DAC_OVERRIDE", 1),
    ("CAP_FOWNER", 3),
    ("CAP_KILL", 5),
    ("CAP_SETGID", 6),
    ("CAP_SETUID", 7),
    ("CAP_NET_BIND_SERVICE", 10),
    ("CAP_NET_ADMIN", 12),
    ("CAP_NET_RAW", 13),
    ("CAP_IPC_LOCK", 14),
    ("CAP_SYS_CHROOT", 18),
];

/// Highest capability number that a kernel of today knows (`CAP_CHECKPOINT_RESTORE`).
const LAST_CAPABILITY: u8 = 40;

/// Makes the command run inside the container whose first process `init` (a pidfd) is: in all its
/// namespaces, as its child, and with no more capabilities than the container has.
///
/// This does what `crun exec` does at a fraction of its time, which counts in a virtual machine
/// without KVM.
pub(crate) fn run_inside(command: &mut tokio::process::Command, init: Arc<OwnedFd>) {
    let enter = move || enter_container(init.as_fd());
    // SAFETY: the closure runs between fork and exec in a child with one thread. It makes system
    // calls only: it neither allocates nor takes locks.
    #[expect(
        unsafe_code,
        reason = "namespaces can only be entered between fork and exec"
    )]
    unsafe {
        command.pre_exec(enter);
    }
}

fn enter_container(init: std::os::fd::BorrowedFd<'_>) -> io::Result<()> {
    setns(
        init,
        CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWUTS,
    )?;
    // Only children of this process are members of the process namespace just entered.
    // SAFETY: this process has one thread, and the child goes on to exec.
    #[expect(unsafe_code, reason = "fork is unsafe in general")]
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // The caller waits for the end of a pipe that this process must not hold open.
            // SAFETY: closes descriptors that nothing in this process uses any more.
            #[expect(unsafe_code, reason = "close_range has no wrapper")]
            unsafe {
                libc::close_range(3, u32::MAX, 0);
            }
            let code = loop {
                match waitpid(child, None) {
                    Ok(WaitStatus::Exited(_, code)) => break code,
                    // The shell's convention for "ended by a signal".
                    Ok(WaitStatus::Signaled(_, signal, _)) => break 128 + signal as i32,
                    Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                    Err(_) => break 127,
                }
            };
            // SAFETY: leaves at once, without running the exit handlers of the forked program.
            #[expect(unsafe_code, reason = "_exit has no wrapper")]
            unsafe {
                libc::_exit(code)
            }
        }
        ForkResult::Child => {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            for capability in 0..=LAST_CAPABILITY {
                if !ROUTER_CAPABILITIES
                    .iter()
                    .any(|(_, allowed)| *allowed == capability)
                {
                    drop_from_bounding_set(capability);
                }
            }
            nix::unistd::setsid()?;
            Ok(())
        }
    }
}

/// The root user's program gets the bounding set on exec, so dropping here is enough. A kernel that
/// does not know the number answers EINVAL, and then there is nothing to drop.
fn drop_from_bounding_set(capability: u8) {
    // SAFETY: PR_CAPBSET_DROP takes one integer and touches no memory.
    #[expect(unsafe_code, reason = "PR_CAPBSET_DROP has no wrapper")]
    unsafe {
        libc::prctl(
            libc::PR_CAPBSET_DROP,
            libc::c_ulong::from(capability),
            0,
            0,
            0,
        );
    }
}

/// A descriptor that stands for a process and cannot come to mean another one.
pub(crate) fn open_pidfd(pid: i32) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: pidfd_open takes two integers; a non-negative answer is a new descriptor, ours.
    #[expect(unsafe_code, reason = "pidfd_open has no wrapper")]
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        #[expect(clippy::cast_possible_truncation, reason = "descriptors are small")]
        Ok(OwnedFd::from_raw_fd(fd as i32))
    }
}

/// Sends the child a signal when the thread that starts it ends.
pub(crate) fn die_with_parent(command: &mut std::process::Command, signal: Signal) {
    use std::os::unix::process::CommandExt;
    let bind = move || nix::sys::prctl::set_pdeathsig(signal).map_err(io::Error::from);
    // SAFETY: one system call, no allocation, no lock.
    #[expect(unsafe_code, reason = "the death signal is set between fork and exec")]
    unsafe {
        command.pre_exec(bind);
    }
}

/// Bounds every file that the command writes, in bytes.
pub(crate) fn limit_file_size(command: &mut tokio::process::Command, bytes: u64) {
    use nix::sys::resource::{Resource, setrlimit};
    let bound = move || setrlimit(Resource::RLIMIT_FSIZE, bytes, bytes).map_err(io::Error::from);
    // SAFETY: one system call, no allocation, no lock.
    #[expect(
        unsafe_code,
        reason = "limits of a child are set between fork and exec"
    )]
    unsafe {
        command.pre_exec(bound);
    }
}

/// A PF_KEY socket (RFC 2367).
pub(crate) fn open_pf_key() -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    /// `PF_KEY_V2`, the only version there is.
    const PF_KEY_V2: i32 = 2;
    // SAFETY: socket takes three integers; a non-negative answer is a new descriptor, ours.
    #[expect(unsafe_code, reason = "the wrapper does not know this protocol")]
    unsafe {
        let fd = libc::socket(libc::AF_KEY, libc::SOCK_RAW | libc::SOCK_CLOEXEC, PF_KEY_V2);
        if fd < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(OwnedFd::from_raw_fd(fd))
        }
    }
}

/// A packet socket that sees every frame of one interface of the calling thread's namespace, both
/// ways, without waiting.
pub(crate) fn open_packet_socket(interface: u32) -> io::Result<OwnedFd> {
    use std::os::fd::{AsRawFd, FromRawFd};
    // Bound to all protocols only together with the interface: until then it hears nothing.
    // SAFETY: socket takes three integers; a non-negative answer is a new descriptor, ours.
    #[expect(
        unsafe_code,
        reason = "the wrapper does not take protocol 0 of packet(7)"
    )]
    let socket = unsafe {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        let fd = libc::socket(libc::AF_PACKET, kind, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(fd)
    };
    #[expect(clippy::cast_possible_truncation, reason = "constants that fit")]
    let (family, protocol) = (libc::AF_PACKET as u16, (libc::ETH_P_ALL as u16).to_be());
    let address = libc::sockaddr_ll {
        sll_family: family,
        sll_protocol: protocol,
        sll_ifindex: i32::try_from(interface).map_err(io::Error::other)?,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    // SAFETY: the address is a whole sockaddr_ll of that length, and bind only reads it.
    #[expect(
        unsafe_code,
        reason = "the wrapper cannot make an address of packet(7)"
    )]
    let bound = unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length) };
    if bound < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(socket)
}

/// How many frames the kernel had no room for in a packet socket since this was last asked.
pub(crate) fn packets_lost(socket: &impl AsFd) -> io::Result<u32> {
    use std::os::fd::AsRawFd;
    let mut statistics = libc::tpacket_stats {
        tp_packets: 0,
        tp_drops: 0,
    };
    let mut length = size_of::<libc::tpacket_stats>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` octets into the structure, which is as long.
    #[expect(unsafe_code, reason = "PACKET_STATISTICS has no wrapper")]
    let asked = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut statistics).cast(),
            &raw mut length,
        )
    };
    if asked < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(statistics.tp_drops)
}

/// Lets packets of an IPv4 socket be fragmented on their way: without "don't fragment".
pub(crate) fn allow_fragments(socket: &impl AsFd) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let value = libc::IP_PMTUDISC_DONT;
    // SAFETY: the kernel reads one integer of that size.
    #[expect(unsafe_code, reason = "IP_MTU_DISCOVER has no wrapper")]
    let set = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if set < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Sends a signal to the process that a pidfd stands for.
pub(crate) fn signal(process: &impl AsFd, signal: Signal) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let fd = process.as_fd().as_raw_fd();
    // SAFETY: three integers and a null pointer, which stands for "no further information".
    #[expect(unsafe_code, reason = "pidfd_send_signal has no wrapper")]
    let sent = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            fd,
            signal as libc::c_int,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
