#!/bin/sh
# A box with a router's software on it: root file system $1, state in $2. It has its own network,
# processes and mounts, and goes when this ends.
set -eu
image=$1 state=$2
mount -t tmpfs tmpfs "$state"
mkdir "$state/upper" "$state/work" "$state/root"
mount -t overlay overlay -o "lowerdir=$image,upperdir=$state/upper,workdir=$state/work" "$state/root"
root=$state/root
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/net"
mknod -m 666 "$root/dev/net/tun" c 10 200
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
echo 1 > /proc/sys/net/ipv4/ip_forward
for file in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > "$file"; done
ip link set lo up
cat > "$root/etc/strongswan.conf" <<'CONF'
charon-systemd {
  load = random nonce x509 openssl kdf pem pkcs1 pkcs8 pubkey revocation constraints kernel-libipsec kernel-netlink socket-default vici
  install_routes = yes
  retransmit_tries = 2
  retransmit_timeout = 2.0
  retransmit_base = 1.4
  filelog {
    stderr {
      default = 1
    }
  }
}
swanctl {
  load = pem
}
CONF
echo ready
exec sleep infinity
