/*
 * Copyright (C) ngx_consent_module authors
 *
 * The inventory: what is kept of what was met, who gives way, what a process
 * leaves that dies in the middle of it, a million names.
 */


#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "consent_inventory.h"
#include "tap.h"


#define MEMORY  (4 * 1024 * 1024)
#define MANY    1000000


static consent_inventory_t *create(size_t room);
static consent_inventory_note_t cookie(const char *name, int64_t now);
static uint32_t add(consent_inventory_t *inv, consent_inventory_note_t note);
static int hit(consent_inventory_t *inv, uint32_t place,
    consent_inventory_note_t note);
static int find(consent_inventory_t *inv, const char *name,
    consent_inventory_entry_t *entry);
static unsigned count(consent_inventory_t *inv);
static void test_kept(void);
static void test_long(void);
static void test_order(void);
static void test_copy(void);
static void test_killed(void);
static void test_many(void);
static void test_processes(void);


static const uint64_t  seed[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };


/* with exactly that much room */

static consent_inventory_t *
create(size_t room)
{
    void                      *mem;
    size_t                     size;
    consent_inventory_t       *inv;
    consent_inventory_size_t   got;

    mem = mmap(NULL, MEMORY, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS,
               -1, 0);

    inv = consent_inventory_init(mem, MEMORY, seed);
    got = consent_inventory_size(inv);

    /* a bit less than what an entry takes, and more until it is enough */

    for (size = room * (MEMORY / got.room - 1); /* void */ ; size += 8) {
        inv = consent_inventory_init(mem, size, seed);

        if (inv) {
            got = consent_inventory_size(inv);

            if (got.room == room) {
                return inv;
            }
        }
    }
}


static consent_inventory_note_t
cookie(const char *name, int64_t now)
{
    consent_inventory_note_t  note;

    memset(&note, 0, sizeof(consent_inventory_note_t));

    note.kind = CONSENT_INVENTORY_COOKIE;
    note.name = consent_str_make((const uint8_t *) name, strlen(name));
    note.sent = 1;
    note.now = now;

    return note;
}


static uint32_t
add(consent_inventory_t *inv, consent_inventory_note_t note)
{
    consent_inventory_name(inv, &note);

    return consent_inventory_add(inv, &note);
}


static int
hit(consent_inventory_t *inv, uint32_t place, consent_inventory_note_t note)
{
    consent_inventory_name(inv, &note);

    return consent_inventory_hit(inv, place, &note);
}


static int
find(consent_inventory_t *inv, const char *name,
    consent_inventory_entry_t *entry)
{
    uint32_t       from;
    consent_str_t  wanted;

    from = 0;
    wanted = consent_str_make((const uint8_t *) name, strlen(name));

    while (consent_inventory_read(inv, &from, entry, 1)) {
        if (consent_str_eq(consent_str_make(entry->name, entry->len),
                           wanted))
        {
            return 1;
        }
    }

    return 0;
}


static unsigned
count(consent_inventory_t *inv)
{
    uint32_t                   from;
    unsigned                   n;
    consent_inventory_entry_t  entry;

    n = 0;
    from = 0;

    while (consent_inventory_read(inv, &from, &entry, 1)) {
        n++;
    }

    return n;
}


static void
test_kept(void)
{
    uint32_t                   place;
    consent_inventory_t       *inv;
    consent_inventory_note_t   note;
    consent_inventory_entry_t  e;
    static const char          path[] = "/shop/basket";

    inv = create(8);

    place = add(inv, cookie("a", 100));
    ok(hit(inv, place, cookie("a", 130)), "met again without a lock");
    ok(!hit(inv, place, cookie("b", 130)), "another name is not there");
    ok(!hit(inv, 1000, cookie("a", 130)), "nor anything where nothing is");

    note = cookie("a", 120);
    note.sent = 0;
    note.set = 1;
    note.flags = 5;
    note.max_age = 60;
    note.path = consent_str_make((const uint8_t *) path, sizeof(path) - 1);

    ok(!hit(inv, place, note), "a path that is not known takes the lock");
    add(inv, note);

    note.flags = 2;
    note.max_age = 30;
    ok(hit(inv, place, note), "... once");

    ok(find(inv, "a", &e), "there");
    ok(e.sent == 2 && e.set == 2, "how often");
    ok(e.first == 100 && e.last == 120, "when");
    ok(e.flags == 7 && e.max_age == 60, "all flags, the longest time");
    ok(e.path_len == sizeof(path) - 1
       && memcmp(e.path, path, e.path_len) == 0, "where");

    note.kind = CONSENT_INVENTORY_HOST;
    note.name = cookie("a", 0).name;
    add(inv, note);

    ok(count(inv) == 2, "a host of that name is another entry");
    ok(consent_inventory_init(&e, 16, seed) == NULL, "no room at all");
}


static void
test_long(void)
{
    char                       name[300], host[300];
    unsigned                   i;
    consent_inventory_t       *inv;
    consent_inventory_note_t   note;
    consent_inventory_entry_t  e;
    uint32_t                   from;

    inv = create(8);

    memset(name, 'n', sizeof(name));
    name[299] = '\0';
    add(inv, cookie(name, 1));
    name[298] = 'x';
    add(inv, cookie(name, 1));

    ok(count(inv) == 1, "long names of one beginning are one");

    from = 0;
    consent_inventory_read(inv, &from, &e, 1);
    ok(e.cut && e.len == CONSENT_INVENTORY_NAME && e.sent == 2, "cut");

    name[CONSENT_INVENTORY_NAME] = '\0';
    add(inv, cookie(name, 1));
    ok(count(inv) == 2, "a name that is just so long is another");

    for (i = 0; i < 240; i++) {
        host[i] = (i % 10 == 9) ? '.' : 'h';
    }

    memcpy(host + 240, "tracker.example", 16);

    note = cookie(host, 1);
    note.kind = CONSENT_INVENTORY_HOST;
    add(inv, note);

    from = 0;

    while (consent_inventory_read(inv, &from, &e, 1)
           && e.kind != CONSENT_INVENTORY_HOST)
    {
        /* the host */
    }

    ok(e.cut && e.name[0] == '.' && e.len <= CONSENT_INVENTORY_NAME
       && memcmp(e.name + e.len - 15, "tracker.example", 15) == 0,
       "of a long host the end, from a dot on");

    inv = create(8);
    note = cookie("p", 1);
    note.path = consent_str_make((const uint8_t *) name, 90);
    add(inv, note);
    ok(find(inv, "p", &e) && e.path_len == CONSENT_INVENTORY_PATH,
       "a long path is cut");
}


static void
test_order(void)
{
    uint32_t                    place;
    consent_inventory_t        *inv;
    consent_inventory_size_t    size;
    consent_inventory_entry_t   e;

    inv = create(3);

    place = add(inv, cookie("a", 1));
    add(inv, cookie("b", 1));
    add(inv, cookie("c", 1));

    ok(hit(inv, place, cookie("a", 2)), "the oldest is seen again");
    add(inv, cookie("d", 3));

    ok(find(inv, "a", &e) && !find(inv, "b", &e),
       "not that one gives way, but the one behind it");

    add(inv, cookie("e", 3));
    ok(!find(inv, "c", &e), "then the next");

    add(inv, cookie("d", 3));
    add(inv, cookie("f", 3));
    ok(!find(inv, "a", &e) && find(inv, "d", &e) && find(inv, "e", &e)
       && find(inv, "f", &e), "and so on");

    ok(!hit(inv, place, cookie("a", 4)), "its place is another's");

    size = consent_inventory_size(inv);
    ok(size.entries == 3 && size.room == 3 && size.evicted == 3,
       "how many there are and were");

    inv = create(1);
    add(inv, cookie("a", 1));
    add(inv, cookie("b", 1));
    ok(count(inv) == 1 && find(inv, "b", &e), "room for one");
}


static void
test_copy(void)
{
    consent_inventory_t        *inv, *larger, *smaller;
    consent_inventory_entry_t   e;

    inv = create(4);
    larger = create(10);
    smaller = create(2);

    add(inv, cookie("a", 1));
    add(inv, cookie("b", 2));
    add(inv, cookie("c", 3));
    add(inv, cookie("a", 4));
    add(inv, cookie("d", 5));
    add(inv, cookie("e", 6));

    consent_inventory_copy(larger, inv);
    consent_inventory_copy(smaller, inv);

    ok(count(larger) == 4 && find(larger, "a", &e) && e.sent == 2
       && e.first == 1 && e.last == 4, "all of it into a larger one");
    ok(count(smaller) == 2 && find(smaller, "e", &e)
       && !find(smaller, "c", &e), "into a smaller one what was seen last");

    add(larger, cookie("a", 7));
    ok(count(larger) == 4 && find(larger, "a", &e) && e.sent == 3,
       "names are found in it");
}


/*
 * A process is stopped somewhere in the middle of adding names, many times,
 * and its lock goes to another.
 */

static void
test_killed(void)
{
    char                       name[32];
    pid_t                      pid;
    unsigned                   i, round, names, wrong;
    struct timespec            pause;
    consent_inventory_t       *inv;
    consent_inventory_entry_t  e;
    consent_inventory_size_t   size;

    inv = create(64);
    wrong = 0;

    for (round = 0; round < 200; round++) {
        pid = fork();

        if (pid == 0) {
            for (i = 0; /* void */ ; i++) {
                snprintf(name, sizeof(name), "k%u", i % 500);
                add(inv, cookie(name, 1));
            }
        }

        /* anywhere is right, so that how long this takes does not matter */

        pause.tv_sec = 0;
        pause.tv_nsec = 20000 + (long) round * 997;
        nanosleep(&pause, NULL);

        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);

        for (i = 0; i < 100; i++) {
            snprintf(name, sizeof(name), "after%u", i);
            add(inv, cookie(name, 1));
        }

        names = count(inv);
        size = consent_inventory_size(inv);

        wrong += names > 64 || size.entries != names
                 || !find(inv, "after99", &e) || find(inv, "after1", &e);
    }

    ok(wrong == 0, "others go on after it (%u of 200 times wrong)", wrong);
}


static void
test_many(void)
{
    char                       name[32];
    unsigned                   i, lost;
    uint32_t                   place;
    consent_inventory_t       *inv;
    consent_inventory_size_t   size;
    consent_inventory_entry_t  e;

    inv = create(5000);
    place = add(inv, cookie("constant", 1));
    lost = 0;

    for (i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "session_%08x", i * 2654435761u);
        add(inv, cookie(name, 2));

        if (i % 1000 == 0) {
            lost += !hit(inv, place, cookie("constant", 3));
        }
    }

    size = consent_inventory_size(inv);

    ok(size.entries == 5000 && count(inv) == 5000,
       "of a million names as many as there is room for");
    ok(size.evicted == MANY + 1 - 5000, "the others gave way");
    ok(lost == 0 && find(inv, "constant", &e) && e.sent == 1001,
       "what is seen again and again stays");
}


/* two at once, each with its lock held by turns: places found without one */

static void
test_processes(void)
{
    int                        status;
    unsigned                   i, n;
    uint32_t                   place;
    consent_inventory_t       *inv;
    consent_inventory_entry_t  e;

    inv = create(4);
    place = add(inv, cookie("shared", 1));

    for (n = 0; n < 2; n++) {
        if (fork() == 0) {
            for (i = 0; i < 100000; i++) {
                if (!hit(inv, place, cookie("shared", 1))) {
                    _exit(1);
                }
            }

            _exit(0);
        }
    }

    while (wait(&status) > 0) {
        ok(status == 0, "a process has seen it");
    }

    ok(find(inv, "shared", &e) && e.sent == 200001, "nothing is lost");
}


int
main(void)
{
    test_kept();
    test_long();
    test_order();
    test_copy();
    test_killed();
    test_many();
    test_processes();

    return done_testing();
}
