#!/bin/sh
# What a person does at the box: router.sh PID ROOT WHAT. PID is its first process.
set -eu
pid=$1 root=$2 what=$3
shift 3
inside() { nsenter --target "$pid" --net --mount --pid chroot "$root" "$@"; }
network() { nsenter --target "$pid" --net "$@"; }
start() {
  inside setsid /bin/sh -c 'exec /usr/sbin/charon-systemd > /run/log 2>&1' \
    < /dev/null > /dev/null 2>&1 &
  tries=0
  until inside test -S /run/charon.vici; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "charon does not start"; inside cat /run/log; exit 1; }
    sleep 0.05
  done
  inside swanctl --load-all --noprompt
}
stop() {
  inside /bin/sh -c 'rm -f /run/charon.vici; for p in /proc/[0-9]*; do
    case $(cat $p/comm 2>/dev/null) in charon-systemd) kill -9 ${p#/proc/} ;; esac; done'
}
address() { # WAN LAN GATEWAY
  network ip address flush dev wan
  network ip address flush dev lan
  network ip address add "$1" dev wan
  network ip address add "$2" dev lan
  network ip route replace default via "$3"
}
case $what in
load)
  folder=$1
  stop
  address "$2" "$3" "$4"
  etc=$(mktemp -d)
  cp "$folder/commands.txt" "$etc/swanctl.conf"
  mkdir "$etc/x509" "$etc/x509ca" "$etc/x509crl" "$etc/private"
  for file in "$folder"/*.pem; do
    case ${file##*/} in
    certificate.pem) cp "$file" "$etc/x509/" ;;
    private-key.pem) cp "$file" "$etc/private/" ;;
    ca-*.pem | sub-ca-*.pem) cp "$file" "$etc/x509ca/" ;;
    crl-*.pem) cp "$file" "$etc/x509crl/" ;;
    esac
  done
  tar -C "$etc" -c . | inside /bin/sh -c 'rm -rf /etc/swanctl && mkdir /etc/swanctl && tar -C /etc/swanctl -x'
  rm -r "$etc"
  start
  ;;
initiate) inside swanctl --initiate --child net --timeout 12 ;;
terminate) inside swanctl --terminate --ike tunnel --timeout 12 ;;
status) inside swanctl --list-sas ;;
log) inside /bin/sh -c 'touch /run/log; cat /run/log' ;;
reboot)
  stop
  start
  ;;
address)
  stop
  address "$2" "$3" "$4"
  ;;
unplug) network ip link set wan down ;;
wait) sleep 30 ;;
esac
