/*
 * Copyright (C) ngx_consent_module authors
 *
 * HTTP clients for the benchmark: a fixed number of requests over kept-alive
 * connections, each response read to its end and checked.
 *
 *     build/bench/load [-c CONNECTIONS] [-n REQUESTS] [-p PAGES] [-s]
 *                      [-H HEADER]... PORT URI
 *
 *     -p PAGES  "@" in the URI becomes 0 to PAGES - 1 in turn
 *     -s        slow clients: small socket buffers, 16 KB every 10 ms each
 *
 * Prints "requests N bytes N seconds N first N": bytes of bodies, and the
 * median of the microseconds from a request to the first byte of its body.
 * Anything but status 200, a connection that ends too soon, or a page that is
 * not as long as it was before ends the program with an error: what fails is
 * quickly done and must not be measured.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>


#define MAX_CONNECTIONS  1024
#define MAX_PAGES        1024
#define MAX_SECONDS      120

#define HEAD_SIZE        8192
#define READ_SIZE        262144

#define SLOW_SIZE        16384
#define SLOW_PAUSE       10000000


typedef enum {
    STATE_HEAD = 0,
    STATE_BODY,             /* with Content-Length */
    STATE_CHUNK_SIZE,
    STATE_CHUNK_EXTENSION,
    STATE_CHUNK_DATA,
    STATE_CHUNK_END,        /* line end behind the data */
    STATE_TRAILER,
    STATE_DONE
} state_e;


typedef struct {
    int        fd;
    state_e    state;
    size_t     page;

    char       head[HEAD_SIZE];
    size_t     head_len;

    size_t     left;        /* of the body or the chunk */
    size_t     line_len;    /* of the trailer line */
    size_t     body;        /* bytes so far */

    double     sent;
    double     first;
} client_t;


typedef struct {
    char      *text;
    size_t     len;
    size_t     body;        /* bytes of the first response */
    unsigned   seen;
} page_t;


static size_t     nclients = 1;
static size_t     npages = 1;
static size_t     total = 1;
static unsigned   slow;
static uint16_t   port;

static client_t  *clients;
static page_t    *pages;
static double    *firsts;

static size_t     started;
static size_t     finished;
static size_t     bytes;

static char       headers[HEAD_SIZE];
static size_t     headers_len;


__attribute__((noreturn, format(printf, 1, 2)))
static void
fail(const char *fmt, ...)
{
    va_list  args;

    fputs("load: ", stderr);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputc('\n', stderr);

    exit(1);
}


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


static size_t
number(const char *text, size_t max)
{
    char           *end;
    unsigned long   n;

    n = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || n == 0 || n > max) {
        fail("\"%s\" is not a number from 1 to %zu", text, max);
    }

    return n;
}


static void
add_header(const char *header)
{
    int  n;

    n = snprintf(headers + headers_len, sizeof(headers) - headers_len,
                 "%s\r\n", header);

    headers_len += (size_t) n;

    if (headers_len >= sizeof(headers)) {
        fail("too many headers");
    }
}


static void
make_requests(const char *uri)
{
    int          n;
    char         page[32];
    size_t       i;
    const char  *at, *behind;

    pages = calloc(npages, sizeof(page_t));

    at = strchr(uri, '@');
    behind = (at != NULL) ? at + 1 : uri + strlen(uri);

    for (i = 0; i < npages; i++) {
        page[0] = '\0';

        if (at != NULL) {
            snprintf(page, sizeof(page), "%zu", i);
        }

        n = asprintf(&pages[i].text,
                     "GET %.*s%s%s HTTP/1.1\r\n"
                     "Host: www.site.example\r\n"
                     "%s\r\n",
                     (int) ((at != NULL) ? at - uri : behind - uri), uri,
                     page, behind, headers);

        if (n < 0) {
            fail("no memory");
        }

        pages[i].len = (size_t) n;
    }
}


static void
set_option(int fd, int level, int option, int value)
{
    if (setsockopt(fd, level, option, &value, sizeof(value)) != 0) {
        fail("setsockopt: %s", strerror(errno));
    }
}


static void
open_connection(client_t *c)
{
    struct sockaddr_in  sin;

    c->fd = socket(AF_INET, SOCK_STREAM, 0);

    if (c->fd < 0) {
        fail("socket: %s", strerror(errno));
    }

    set_option(c->fd, IPPROTO_TCP, TCP_NODELAY, 1);

    if (slow) {
        set_option(c->fd, SOL_SOCKET, SO_RCVBUF, SLOW_SIZE);
    }

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (connect(c->fd, (struct sockaddr *) &sin, sizeof(sin)) != 0) {
        fail("connect to port %u: %s", (unsigned) port, strerror(errno));
    }

    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0) {
        fail("fcntl: %s", strerror(errno));
    }
}


/* the client is left as it is when there is nothing more to ask for */

static void
send_request(client_t *c)
{
    page_t  *page;

    if (started == total) {
        c->state = STATE_DONE;
        return;
    }

    c->page = started % npages;
    c->state = STATE_HEAD;
    c->head_len = 0;
    c->body = 0;
    c->first = 0;

    started++;
    page = &pages[c->page];

    c->sent = now();

    if (write(c->fd, page->text, page->len) != (ssize_t) page->len) {
        fail("cannot send a request");
    }
}


static void
finish_response(client_t *c)
{
    page_t  *page;

    page = &pages[c->page];

    if (!page->seen) {
        page->seen = 1;
        page->body = c->body;
    }

    if (c->body != page->body) {
        fail("page %zu has %zu bytes, it had %zu", c->page, c->body,
             page->body);
    }

    firsts[finished] = c->first - c->sent;
    finished++;
    bytes += c->body;

    send_request(c);
}


static const char *
find_header(const char *head, const char *name)
{
    size_t       len;
    const char  *line;

    len = strlen(name);

    for (line = strstr(head, "\r\n"); line != NULL;
         line = strstr(line, "\r\n"))
    {
        line += 2;

        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            return line + strspn(line, " ");
        }
    }

    return NULL;
}


static void
read_head(client_t *c)
{
    const char  *value;

    c->head[c->head_len] = '\0';

    if (strncmp(c->head, "HTTP/1.1 200 ", 13) != 0) {
        fail("page %zu: %.40s", c->page, c->head);
    }

    value = find_header(c->head, "Connection");

    if (value != NULL && strncasecmp(value, "close", 5) == 0) {
        fail("page %zu: the connection is not kept alive", c->page);
    }

    value = find_header(c->head, "Content-Length");

    if (value != NULL) {
        c->left = strtoul(value, NULL, 10);
        c->state = STATE_BODY;

        if (c->left == 0) {
            fail("page %zu is empty", c->page);
        }

        return;
    }

    if (find_header(c->head, "Transfer-Encoding") == NULL) {
        fail("page %zu: neither a length nor chunks", c->page);
    }

    c->left = 0;
    c->state = STATE_CHUNK_SIZE;
}


static unsigned
hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9') {
        return (unsigned) (ch - '0');
    }

    ch |= 0x20;

    if (ch >= 'a' && ch <= 'f') {
        return (unsigned) (ch - 'a') + 10;
    }

    return 16;
}


/* one byte of what stands around chunks */

static void
read_framing(client_t *c, char ch)
{
    switch (c->state) {

    case STATE_CHUNK_SIZE:
        if (hex_digit(ch) < 16) {
            c->left = c->left * 16 + hex_digit(ch);
            return;
        }

        c->state = STATE_CHUNK_EXTENSION;

        /* fall through */

    case STATE_CHUNK_EXTENSION:
        if (ch == '\n') {
            c->line_len = 0;
            c->state = c->left ? STATE_CHUNK_DATA : STATE_TRAILER;
        }

        return;

    case STATE_CHUNK_END:
        if (ch == '\n') {
            c->left = 0;
            c->state = STATE_CHUNK_SIZE;
        }

        return;

    default: /* STATE_TRAILER */
        if (ch != '\r' && ch != '\n') {
            c->line_len++;
            return;
        }

        if (ch == '\n' && c->line_len == 0) {
            finish_response(c);
            return;
        }

        if (ch == '\n') {
            c->line_len = 0;
        }

        return;
    }
}


static size_t
read_body(client_t *c, size_t len)
{
    if (c->body == 0) {
        c->first = now();
    }

    if (len > c->left) {
        len = c->left;
    }

    c->body += len;
    c->left -= len;

    if (c->left == 0) {
        if (c->state == STATE_BODY) {
            finish_response(c);

        } else {
            c->state = STATE_CHUNK_END;
        }
    }

    return len;
}


static void
read_response(client_t *c, const char *p, size_t len)
{
    size_t       n;
    const char  *end;

    end = p + len;

    while (p < end) {

        switch (c->state) {

        case STATE_HEAD:
            if (c->head_len == HEAD_SIZE - 1) {
                fail("page %zu: the header is too long", c->page);
            }

            c->head[c->head_len++] = *p++;

            if (p[-1] == '\n' && c->head_len >= 4
                && memcmp(c->head + c->head_len - 4, "\r\n\r\n", 4) == 0)
            {
                read_head(c);
            }

            break;

        case STATE_BODY:
        case STATE_CHUNK_DATA:
            n = read_body(c, (size_t) (end - p));
            p += n;
            break;

        case STATE_DONE:
            fail("page %zu: bytes behind the last response", c->page);

        default:
            read_framing(c, *p++);
        }
    }
}


/* at most size bytes of what has arrived */

static void
read_client(client_t *c, size_t size)
{
    ssize_t      n;
    static char  buf[READ_SIZE];

    n = read(c->fd, buf, size);

    if (n > 0) {
        read_response(c, buf, (size_t) n);
        return;
    }

    if (n < 0 && errno == EAGAIN) {
        return;
    }

    if (c->state == STATE_DONE) {
        return;
    }

    fail("page %zu: the connection ended after %zu bytes of its body",
         c->page, c->body);
}


static void
run_fast(void)
{
    int                  ep, i, n;
    size_t               k;
    struct epoll_event   ev, events[64];

    ep = epoll_create1(0);

    for (k = 0; k < nclients; k++) {
        ev.events = EPOLLIN;
        ev.data.ptr = &clients[k];

        if (epoll_ctl(ep, EPOLL_CTL_ADD, clients[k].fd, &ev) != 0) {
            fail("epoll_ctl: %s", strerror(errno));
        }
    }

    while (finished < total) {
        n = epoll_wait(ep, events, 64, -1);

        for (i = 0; i < n; i++) {
            read_client(events[i].data.ptr, READ_SIZE);
        }
    }
}


static void
run_slow(void)
{
    size_t           k;
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = SLOW_PAUSE;

    while (finished < total) {
        nanosleep(&pause, NULL);

        for (k = 0; k < nclients; k++) {
            if (clients[k].state != STATE_DONE) {
                read_client(&clients[k], SLOW_SIZE);
            }
        }
    }
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


static const char *
read_options(int argc, char **argv)
{
    int  opt;

    while ((opt = getopt(argc, argv, "c:n:p:H:s")) != -1) {

        switch (opt) {

        case 'c':
            nclients = number(optarg, MAX_CONNECTIONS);
            break;

        case 'n':
            total = number(optarg, SIZE_MAX / sizeof(double));
            break;

        case 'p':
            npages = number(optarg, MAX_PAGES);
            break;

        case 'H':
            add_header(optarg);
            break;

        case 's':
            slow = 1;
            break;

        default:
            exit(2);
        }
    }

    if (argc - optind != 2) {
        fail("a port and a URI are wanted");
    }

    port = (uint16_t) number(argv[optind], UINT16_MAX);

    return argv[optind + 1];
}


int
main(int argc, char **argv)
{
    size_t   k;
    double   start, end;

    make_requests(read_options(argc, argv));

    clients = calloc(nclients, sizeof(client_t));
    firsts = calloc(total, sizeof(double));

    if (clients == NULL || firsts == NULL) {
        fail("no memory");
    }

    /* whatever hangs is ended by the signal */

    alarm(MAX_SECONDS);

    for (k = 0; k < nclients; k++) {
        open_connection(&clients[k]);
    }

    start = now();

    for (k = 0; k < nclients; k++) {
        send_request(&clients[k]);
    }

    if (slow) {
        run_slow();

    } else {
        run_fast();
    }

    end = now();

    qsort(firsts, total, sizeof(double), compare);

    printf("requests %zu bytes %zu seconds %.6f first %.1f\n", finished,
           bytes, end - start, firsts[total / 2] * 1e6);

    return 0;
}
