# shellcheck shell=bash
#
# What a node has of its own: a root, a network, and settings of the kernel that are not the host's to
# lose. Sourced by holder.sh, which runs it as process 1 of the node's namespaces.

# containerd, the kubelet and CNI write to fixed places in /run, /var and /etc. The node's root is a
# folder of the state folder: those places are its own there, the host's programs can be read, and when
# the namespace ends nothing is left on the host but that folder.
enter_own_root() {
  local root=$STATE/root name
  # What servers make in here is for pods as well, whose users are others.
  umask 022
  mkdir -p "$root"/{proc,sys,dev,run,tmp,var,old}
  mount --bind "$root" "$root"
  for name in bin etc lib lib32 lib64 libx32 sbin usr; do share_host_folder "$name" "$root"; done
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mount -t proc proc "$root/proc"
  # Both under the names that they have outside, so that one command line is right in both places.
  share_folder "$STATE" "$root"
  share_folder "$BIN" "$root"
  cd "$root" || return
  pivot_root . old
  cd / || return
  umount --lazy /old
  # The kubelet's mounts must reach the containers that run already.
  mount --make-rshared /
}

# share_host_folder NAME ROOT: /NAME, for reading; a link (/bin is one to usr/bin) stays a link.
share_host_folder() {
  local name=$1 root=$2
  if [[ -L /$name ]]; then
    ln --symbolic --force --no-dereference "$(readlink "/$name")" "$root/$name"
  elif [[ -d /$name ]]; then
    share_folder "/$name" "$root"
    mount -o remount,bind,ro "$root/$name"
  fi
}

share_folder() {
  mkdir -p "$2$1"
  mount --bind "$1" "$2$1"
}

# The kubelet sets these for the whole machine, and nothing would set them back after a crash. Here it
# finds files that say what it wants, and leaves the kernel's own alone.
shield_kernel_settings() {
  local setting
  mkdir -p "$STATE/node/kernel"
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    local file=$STATE/node/kernel/${setting//[\/=]/-} path=/proc/sys/${setting%=*}
    [[ -e $path ]] || continue
    printf '%s\n' "${setting#*=}" >"$file"
    mount --bind "$file" "$path"
  done
}

# The node reaches a Service as a pod does: kube-proxy rewrites the address, and only needs a route on
# which the packet sets out.
set_up_node_network() {
  hostname "$NODE_NAME"
  ip route add "$SERVICE_RANGE" dev lo src "$NODE_ADDRESS"
  printf '1\n' >/proc/sys/net/ipv4/ip_forward
}
