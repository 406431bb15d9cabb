# What a pod of the laptop overlay is to its process, in namespaces of its own: a file system that is read-only but for
# its volumes, a user without rights, an address of its own. $1: the repository, $2: folder with what the pod is given,
# $3: where Python is installed.
set -euo pipefail
mount --make-rprivate /
mount -t tmpfs tmpfs /opt
mkdir -p /opt/vitrine/bin /opt/vitrine/given /opt/vitrine/app
cp "$2"/* /opt/vitrine/given/
mount --bind "$1" /opt/vitrine/app
mount --bind "$3" /mnt
mount -t tmpfs -o mode=755 tmpfs /root
mkdir -p "$3"
mount --move /mnt "$3" 2>/dev/null || true
mount -t tmpfs -o mode=1777,size=6g tmpfs /tmp
mount -t tmpfs -o mode=1777,size=2g tmpfs /dev/shm
mount -t tmpfs tmpfs /var/lib
install --directory --owner 1000 --group 1000 /var/lib/vitrine
mount --bind /var/lib/vitrine /var/lib/vitrine
cd /opt/vitrine/app
export PATH=/opt/vitrine/app/.venv/bin:/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/opt/vitrine/app PYTHONDONTWRITEBYTECODE=1
python -c 'from pathlib import Path; from serve_app.haproxy import write_start; write_start(Path("/opt/vitrine/bin/haproxy"))'
for place in /opt /opt/vitrine/app /root "$3" /var/lib /; do mount -o remount,bind,ro "$place" 2>/dev/null || true; done
ip link set lo up
ip addr add 10.1.2.3/32 dev lo
ip route add default dev lo src 10.1.2.3
exec setpriv --reuid=1000 --regid=1000 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
    nice -n 5 python /opt/vitrine/app/tests/k8s/pod_life.py
