# Adds a kernel and its first root file system to the machine's image. Runs outside, as a hook of
# mmdebstrap, with the new root file system's folder as $1.
root=$1
architecture=$(dpkg --print-architecture)
mkdir "$root/tmp/kernel"
cd "$root/tmp/kernel"

# Debian's meta-package names the real one.
package=$(apt-cache depends "linux-image-cloud-$architecture" |
    sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
apt-get download "$package"
dpkg-deb --extract linux-image-*.deb tree
version=$(basename tree/usr/lib/modules/*)
mkdir -p "$root/usr/lib/modules" "$root/boot"
mv "tree/usr/lib/modules/$version" "$root/usr/lib/modules/"
cp "tree/boot/vmlinuz-$version" "$root/boot/vmlinuz"
chroot "$root" depmod "$version"

# The first root file system: busybox and what it takes to mount the real one.
mkdir -p first/bin first/modules
cp "$root/bin/busybox" first/bin/busybox
number=10
for module in virtio_blk squashfs overlay; do
    for file in $(chroot "$root" modprobe --set-version "$version" --show-depends "$module" |
        sed -n 's/^insmod //p'); do
        name=$(basename "$file" .xz)
        case $file in
        *.xz) chroot "$root" busybox unxz -c "$file" >"first/modules/$number-$name" ;;
        *) cp "$root$file" "first/modules/$number-$name" ;;
        esac
        number=$((number + 1))
    done
done
cat >first/init <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /dev /lower /upper /root
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev
for module in /modules/*; do $b insmod "$module"; done
$b mount -t squashfs -o ro /dev/vda /lower
$b mount -t tmpfs tmpfs /upper
$b mkdir /upper/changes /upper/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/changes,workdir=/upper/work root /root
# The second disk is the program itself, padded with zeros to whole sectors.
$b cat /dev/vdb >/root/usr/bin/ikematrix
$b chmod 755 /root/usr/bin/ikematrix
$b mount --move /dev /root/dev
$b umount /proc
exec $b switch_root /root /usr/sbin/ikematrix-machine
INIT
chmod 755 first/init
(cd first && find . | "$root/bin/busybox" cpio -o -H newc | gzip -1 >"$root/boot/initrd")

# The machine's first process. It adopts and buries orphans, and ends the machine with the agent.
cat >"$root/usr/sbin/ikematrix-machine" <<'MACHINE'
#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t tmpfs -o mode=755 tmpfs /run
busybox mount -t tmpfs tmpfs /tmp
busybox mkdir -p /dev/pts /dev/shm
busybox mount -t devpts -o ptmxmode=0666 devpts /dev/pts
busybox mount -t cgroup2 cgroup /sys/fs/cgroup
modprobe -a -q xfrm_user esp4 esp6 af_key veth bridge nf_tables nft_meta_bridge \
    nft_chain_nat nft_masq nft_nat \
    authenc authencesn echainiv seqiv crypto_null ccm gcm ghash_generic ghash_clmulni_intel \
    chacha20poly1305 chacha_generic poly1305_generic des_generic deflate
# From here on the kernel loads nothing by itself. A daemon that asks it for every algorithm it has
# heard of would otherwise wait seconds for modules that do not exist.
echo >/proc/sys/kernel/modprobe
busybox ip link set lo up
/usr/bin/ikematrix lab-agent &
wait $!
busybox poweroff -f
MACHINE
chmod 755 "$root/usr/sbin/ikematrix-machine"
rm -rf "$root/tmp/kernel"
