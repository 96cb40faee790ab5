/* A layer between a program and the system's calls that write (LD_PRELOAD; Linux).

   Calls that change what is below one folder are counted, and at the one of a chosen number something happens: the
   process group is killed, the disk is full from then on, and so on. What it is to do stands in a file that is mapped
   by all processes of a group, named by FAULTS_STATE; without it, or before faults_arm, every call goes through.
   layer.py writes the file and compiles this one. The clock of the day can be made to jump too. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 4096 };
enum kind { WATCH, KILL, TORN, FULL, REFUSED, FAILING, PAUSE };
enum class { NAMES, WRITES, MAKES, SYNCS, OTHER }; /* MAKES: needs room, as writing does, but is no writing */
enum { DIE = -1, HALF = -2 };

struct state { /* layer.py: State */
    int32_t kind, clock;
    int64_t at;
    _Atomic int64_t count;
    _Atomic int32_t happened, clock_reads;
    char folder[PATH];
};

static struct state *state;
static int trace = -1;

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (next == NULL) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((visibility("default"))) void faults_arm(const char *path) {
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    char name[PATH + 8];
    snprintf(name, sizeof name, "%s.trace", path);
    trace = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (mapped != MAP_FAILED) state = mapped;
}

__attribute__((constructor)) static void arm_at_start(void) {
    const char *path = getenv("FAULTS_STATE");
    if (path != NULL) faults_arm(path);
}

/* The whole name of a path. */
static void whole(int folder, const char *path, char *out) {
    char link[64], before[PATH] = "";
    if (path[0] == '/') {
        snprintf(out, PATH, "%s", path);
        return;
    }
    if (folder == AT_FDCWD) {
        if (syscall(SYS_getcwd, before, sizeof before) < 0) before[0] = 0;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, before, sizeof before - 1);
        before[length < 0 ? 0 : length] = 0;
    }
    snprintf(out, PATH, "%.2000s/%.2000s", before, path);
}

static int below(const char *path) {
    size_t length = strlen(state->folder);
    return strncmp(path, state->folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* What becomes of a call: 0 it is made, HALF of it is, DIE likewise and then the end; else the errno it fails with. */
static int event(enum class class, const char *what, const char *path, size_t bytes) {
    if (state == NULL || !below(path)) return 0;
    int64_t number = atomic_fetch_add(&state->count, 1) + 1;
    if (trace >= 0) {
        char line[2 * PATH];
        int length = snprintf(line, sizeof line, "%d %s %s %zu\n", class, what, path, bytes);
        syscall(SYS_write, trace, line, length);
    }
    int now = number == state->at, since = number >= state->at;
    int result = 0;
    switch ((enum kind)state->kind) {
    case WATCH: break;
    case KILL:
        if (now) {
            atomic_store(&state->happened, 1);
            kill(0, SIGKILL);
            pause();
        }
        break;
    case TORN:
        if (now) result = DIE;
        break;
    case FULL:
        if (since && (class == WRITES || class == MAKES)) result = now && class == WRITES && bytes > 1 ? HALF : ENOSPC;
        break;
    case REFUSED:
        if (since && class == NAMES) result = EACCES;
        break;
    case FAILING:
        if (now && (class == WRITES || class == SYNCS)) result = EIO;
        break;
    case PAUSE:
        if (now) {
            atomic_store(&state->happened, 1);
            kill(getpid(), SIGSTOP);
        }
        break;
    }
    if (result != 0) atomic_store(&state->happened, 1);
    return result;
}

static int of_path(enum class class, const char *what, int folder, const char *path) {
    if (state == NULL || path == NULL) return 0;
    char name[PATH];
    whole(folder, path, name);
    int is_there = class == MAKES && syscall(SYS_faccessat, AT_FDCWD, name, F_OK) == 0; /* mkdir says so itself */
    return is_there ? 0 : event(class, what, name, 0);
}

static int of_file(enum class class, const char *what, int file, size_t bytes) {
    if (state == NULL) return 0;
    char link[64], name[PATH];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return event(class, what, name, bytes);
}

#define FAILS(code) \
    int fault = (code); \
    if (fault > 0) { \
        errno = fault; \
        return -1; \
    } \
    if (fault == DIE) { \
        kill(0, SIGKILL); \
        pause(); \
    }

/* Writing: a full disk takes the first half of what meets it, and so does a disk whose program is killed. */
#define WRITING(file, size, call) \
    int fault = of_file(WRITES, __func__, file, size); \
    if (fault == DIE || fault == HALF) { \
        size_t part = (size) / 2; \
        ssize_t result = part > 0 ? call : 0; \
        if (fault == HALF) return result; \
        kill(0, SIGKILL); \
        pause(); \
    } \
    if (fault > 0) { \
        errno = fault; \
        return -1; \
    }

ssize_t write(int file, const void *data, size_t count) {
    NEXT(write);
    WRITING(file, count, next(file, data, part))
    return next(file, data, count);
}

ssize_t pwrite(int file, const void *data, size_t count, off_t at) {
    NEXT(pwrite);
    WRITING(file, count, next(file, data, part, at))
    return next(file, data, count, at);
}

ssize_t pwrite64(int file, const void *data, size_t count, off64_t at) {
    NEXT(pwrite64);
    WRITING(file, count, next(file, data, part, at))
    return next(file, data, count, at);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    NEXT(writev);
    size_t bytes = count > 0 ? parts[0].iov_len : 0;
    WRITING(file, bytes, syscall(SYS_write, file, parts[0].iov_base, part))
    return next(file, parts, count);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t count, unsigned flags) {
    NEXT(copy_file_range);
    WRITING(to, count, next(from, from_at, to, to_at, part, flags))
    return next(from, from_at, to, to_at, count, flags);
}

ssize_t sendfile(int to, int from, off_t *at, size_t count) {
    NEXT(sendfile);
    WRITING(to, count, next(to, from, at, part))
    return next(to, from, at, count);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t count) {
    NEXT(sendfile64);
    WRITING(to, count, next(to, from, at, part))
    return next(to, from, at, count);
}

/* Opening changes something where it makes or empties a file. */
static int of_open(int folder, const char *path, int flags) {
    if (state == NULL || path == NULL || !(flags & (O_CREAT | O_TRUNC))) return 0;
    char name[PATH];
    whole(folder, path, name);
    int is_new = (flags & O_CREAT) && syscall(SYS_faccessat, AT_FDCWD, name, F_OK) != 0;
    if (!is_new && !(flags & O_TRUNC)) return 0;
    return event(is_new ? MAKES : OTHER, is_new ? "create" : "open to empty", name, 0);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        NEXT(name); \
        MODE(flags) \
        FAILS(of_open(AT_FDCWD, path, flags)) \
        return next(path, flags, mode); \
    }
#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        NEXT(name); \
        MODE(flags) \
        FAILS(of_open(folder, path, flags)) \
        return next(folder, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

#define CREAT(name) \
    int name(const char *path, mode_t mode) { \
        NEXT(name); \
        FAILS(of_open(AT_FDCWD, path, O_CREAT | O_TRUNC)) \
        return next(path, mode); \
    }
CREAT(creat)
CREAT(creat64)

static int stream_flags(const char *mode) {
    return mode[0] == 'w' ? O_CREAT | O_TRUNC : mode[0] == 'a' ? O_CREAT : 0;
}

#define FOPEN(name) \
    FILE *name(const char *path, const char *mode) { \
        NEXT(name); \
        int fault = of_open(AT_FDCWD, path, stream_flags(mode)); \
        if (fault > 0) { \
            errno = fault; \
            return NULL; \
        } \
        return next(path, mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* Calls of one path or file. */
#define CALL(type, name, class, event, parameters, arguments) \
    type name parameters { \
        NEXT(name); \
        FAILS(event) \
        return next arguments; \
    }
#define ON_PATH(name, class, parameters, arguments) \
    CALL(int, name, class, of_path(class, #name, AT_FDCWD, path), parameters, arguments)
#define AT_PATH(name, class, parameters, arguments) \
    CALL(int, name, class, of_path(class, #name, folder, path), parameters, arguments)
#define ON_FILE(name, class, parameters, arguments) \
    CALL(int, name, class, of_file(class, #name, file, 0), parameters, arguments)

ON_PATH(unlink, OTHER, (const char *path), (path))
ON_PATH(remove, OTHER, (const char *path), (path))
ON_PATH(rmdir, OTHER, (const char *path), (path))
ON_PATH(mkdir, MAKES, (const char *path, mode_t mode), (path, mode))
ON_PATH(chmod, OTHER, (const char *path, mode_t mode), (path, mode))
ON_PATH(truncate, OTHER, (const char *path, off_t size), (path, size))
ON_PATH(truncate64, OTHER, (const char *path, off64_t size), (path, size))
AT_PATH(unlinkat, OTHER, (int folder, const char *path, int flags), (folder, path, flags))
AT_PATH(mkdirat, MAKES, (int folder, const char *path, mode_t mode), (folder, path, mode))
AT_PATH(fchmodat, OTHER, (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags))
ON_FILE(ftruncate, OTHER, (int file, off_t size), (file, size))
ON_FILE(ftruncate64, OTHER, (int file, off64_t size), (file, size))
ON_FILE(fchmod, OTHER, (int file, mode_t mode), (file, mode))
ON_FILE(fsync, SYNCS, (int file), (file))
ON_FILE(fdatasync, SYNCS, (int file), (file))
ON_FILE(posix_fallocate, MAKES, (int file, off_t at, off_t size), (file, at, size))
ON_FILE(fallocate, MAKES, (int file, int mode, off_t at, off_t size), (file, mode, at, size))

#define RENAMES(name, to_folder, parameters, arguments) \
    CALL(int, name, NAMES, of_path(NAMES, #name, to_folder, to), parameters, arguments)
RENAMES(rename, AT_FDCWD, (const char *from, const char *to), (from, to))
RENAMES(renameat, folder, (int at, const char *from, int folder, const char *to), (at, from, folder, to))
RENAMES(renameat2, folder, (int at, const char *from, int folder, const char *to, unsigned flags),
        (at, from, folder, to, flags))
RENAMES(link, AT_FDCWD, (const char *from, const char *to), (from, to))
RENAMES(linkat, folder, (int at, const char *from, int folder, const char *to, int flags),
        (at, from, folder, to, flags))
RENAMES(symlink, AT_FDCWD, (const char *from, const char *to), (from, to))
RENAMES(symlinkat, folder, (const char *from, int folder, const char *to), (from, folder, to))

/* The clock of the day: 1 is ten years back, 2 ten years ahead, 3 both in turn. What counts time that passes stays. */
static time_t jump(void) {
    if (state == NULL || state->clock == 0) return 0;
    time_t years = 315576000;
    int turn = atomic_fetch_add(&state->clock_reads, 1);
    if (state->clock == 3) return turn % 2 ? years : -years;
    return state->clock == 1 ? -years : years;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    NEXT(clock_gettime);
    int result = next(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    NEXT(gettimeofday);
    int result = next(now, zone);
    if (result == 0) now->tv_sec += jump();
    return result;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) *out = now.tv_sec;
    return now.tv_sec;
}
