#!/bin/bash
# Starts HAProxy once with the configuration at hand, then keeps Bamboo running, as upstream's run.sh and supervisord do.
# bash stays process 1, so the HAProxies that a reload leaves behind are reaped.
cd /var/bamboo || exit 1

if [[ -n $BAMBOO_DOCKER_AUTO_HOST && -f config/production.example.json ]]; then
  sed -i "s/^.*Endpoint\": \"\(http:\/\/haproxy-ip-address:8000\)\".*$/    \"EndPoint\": \"http:\/\/$HOST:8000\",/" config/production.example.json
fi

haproxy -f /etc/haproxy/haproxy.cfg -p /var/run/haproxy.pid -D

case "$STANDIN_VERSION" in
  # The default of these two releases is mis-spelt upstream: without CONFIG_PATH Bamboo gets ":config/…" and panics.
  0.2.11 | 0.2.12) config=${CONFIG_PATH:-:config/production.example.json} ;;
  *) config=${CONFIG_PATH:-config/production.example.json} ;;
esac

ending=
bamboo=
trap 'ending=yes; [[ -n $bamboo ]] && kill -TERM "$bamboo" 2>/dev/null' TERM INT
while [[ -z $ending ]]; do
  ./bamboo -config "$config" -bind "${BIND:-:8000}" &
  bamboo=$!
  wait "$bamboo"
  [[ -n $ending ]] || sleep 1
done
pidof haproxy > /dev/null && kill -USR1 $(pidof haproxy)
exit 0
