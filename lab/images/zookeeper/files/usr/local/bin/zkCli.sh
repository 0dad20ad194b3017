#!/bin/sh
# The command line client: zkCli.sh -server HOST:PORT create /path value
classpath=/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar:/usr/share/java/commons-cli.jar
# shellcheck disable=SC2086
exec java -cp "$classpath" -Xmx64m -XX:+UseSerialGC $CLIENT_JVMFLAGS $JVMFLAGS org.apache.zookeeper.ZooKeeperMain "$@"
