/*
 * A Modbus slave made of libmodbus alone: somebody else's idea of the protocol.
 *
 *   libmodbus-slave tcp            listens on a free port of 127.0.0.1
 *   libmodbus-slave rtu PATH UNIT  answers as UNIT on a serial line, 115200 8N1
 *
 * Prints "ready" (and the port) when it serves. Four tables of 4000 places; input register i holds
 * i ^ 0x5555, discrete input i whether 3 divides i.
 */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { places = 4000 };

static void serve(modbus_t *bus, modbus_mapping_t *map, int is_line) {
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    int size = modbus_receive(bus, query);
    if (size > 0) modbus_reply(bus, query, size, map);
    /* A line has noise; a connection that fails has ended. */
    else if (size < 0 && !is_line) return;
    else if (size < 0 && errno == EBADF) exit(1);
  }
}

static int listen_anywhere(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, length) < 0 || listen(server, 4) < 0) exit(1);
  getsockname(server, (struct sockaddr *)&address, &length);
  *port = ntohs(address.sin_port);
  return server;
}

int main(int argc, char **argv) {
  modbus_mapping_t *map = modbus_mapping_new(places, places, places, places);
  for (int i = 0; i < places; i++) {
    map->tab_input_registers[i] = i ^ 0x5555;
    map->tab_input_bits[i] = i % 3 == 0;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 4 && strcmp(argv[1], "rtu") == 0) {
    modbus_t *bus = modbus_new_rtu(argv[2], 115200, 'N', 8, 1);
    modbus_set_slave(bus, atoi(argv[3]));
    if (modbus_connect(bus) < 0) return perror(argv[2]), 1;
    puts("ready");
    serve(bus, map, 1);
    return 0;
  }
  int port;
  int server = listen_anywhere(&port);
  modbus_t *bus = modbus_new_tcp("127.0.0.1", port);
  printf("ready %d\n", port);
  for (;;) {
    if (modbus_tcp_accept(bus, &server) < 0) return 1;
    serve(bus, map, 0);
    modbus_close(bus);
  }
}
