// A library for LD_PRELOAD that counts what a process does to the files beneath one folder, and makes the n-th of these calls fail, die, tear, wait or lie.
//
//   CT_SHIM_CONTROL  a file of 4096 bytes, shared with the test: struct control below. It is mapped, so its counts survive a kill -9.
//   CT_SHIM_PREFIX   the folder; calls on anything else, sockets included, pass untouched.
//   CT_SHIM_LOG      optional: a file that gets one line for each counted call.
//
// A call is counted before it is made, by one counter for the whole process. It sees what is called through libc's exported functions, that is .NET's own file access,
// SQLite's, and ours as long as our imports are resolved through the main program's handle; tests compare its counts with strace.
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
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define MAGIC 0x314d494853544346ull // "FCTSHIM1"
#define KINDS 17

// The order is that of enum ShimCall in the tests.
enum kind { CREATE, WRITE, TRUNCATE, ALLOCATE, SYNC, DATASYNC, SYNCFS, RENAME, LINK, UNLINK, MKDIR, SYMLINK, CHMOD, UTIMES, CLOSE, OPEN, READ };
static const char *const names[KINDS] = {
  "create", "write", "truncate", "allocate", "sync", "datasync", "syncfs", "rename", "link", "unlink", "mkdir", "symlink", "chmod", "utimes", "close", "open", "read" };

// The order is that of enum ShimMode in the tests.
enum mode { COUNT, KILL_BEFORE, KILL_AFTER, FAIL, SHORT, FLIP, DELAY, TEAR };

struct control {
  uint64_t magic;
  _Atomic uint64_t mode;
  uint64_t first;              // number of the first call that is hit, from 1
  uint64_t repeat;             // how many calls from there on
  uint64_t argument;           // errno; microseconds; number of the bit
  uint64_t mask;               // bit k: calls of kind k are counted
  _Atomic uint64_t counter;
  _Atomic uint64_t fired;
  _Atomic uint64_t fired_kind;
  char name[184];              // if not empty: only paths that contain it
  _Atomic uint64_t kinds[KINDS];
};

static struct control *shared;
static char prefix[4096];
static size_t prefix_length;
static int log_file = -1;

// What a call must do besides being made.
struct verdict { int action; uint64_t argument; };

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) { *(void **)&real = dlsym(RTLD_NEXT, name); }

static long raw(long number, long a, long b, long c, long d, long e, long f)
{
  REAL(long, "syscall", long, long, long, long, long, long, long)
  return real(number, a, b, c, d, e, f);
}

__attribute__((constructor)) static void begin(void)
{
  const char *control = getenv("CT_SHIM_CONTROL"), *folder = getenv("CT_SHIM_PREFIX"), *log = getenv("CT_SHIM_LOG");
  if (!control || !folder || !realpath(folder, prefix)) { return; }
  prefix_length = strlen(prefix);
  int file = (int)raw(SYS_openat, AT_FDCWD, (long)control, O_RDWR | O_CLOEXEC, 0, 0, 0);
  if (file < 0) { fprintf(stderr, "faultshim: cannot open %s\n", control); _exit(99); }
  struct control *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  raw(SYS_close, file, 0, 0, 0, 0, 0);
  if (mapped == MAP_FAILED || mapped->magic != MAGIC) { fprintf(stderr, "faultshim: %s is no control file\n", control); _exit(99); }
  if (log) { log_file = (int)raw(SYS_openat, AT_FDCWD, (long)log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600, 0, 0); }
  shared = mapped;
}

static void die(void)
{
  raw(SYS_kill, raw(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
  for (;;) { raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0); }
}

// The path a call is about, in a buffer of 8192; 0 when it is not beneath the folder.
static int of_file(int file, char *path)
{
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = raw(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, 4095, 0, 0);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static int of_name(int folder, const char *name, char *path)
{
  if (!name) { return 0; }
  if (name[0] == '/') { snprintf(path, 8192, "%s", name); return 1; }
  if (folder == AT_FDCWD) { if (!getcwd(path, 4096)) { return 0; } }
  else if (!of_file(folder, path)) { return 0; }
  size_t length = strlen(path);
  snprintf(path + length, 8192 - length, "/%s", name);
  return 1;
}

static struct verdict judge(enum kind kind, const char *path)
{
  struct verdict none = { COUNT, 0 };
  if (strncmp(path, prefix, prefix_length) != 0 || (path[prefix_length] != '/' && path[prefix_length] != 0)) { return none; }
  if (shared->name[0] && !strstr(path, shared->name)) { return none; }
  atomic_fetch_add(&shared->kinds[kind], 1);
  if (!(shared->mask >> kind & 1)) { return none; }
  uint64_t number = atomic_fetch_add(&shared->counter, 1) + 1;
  uint64_t mode = atomic_load(&shared->mode);
  int hit = mode != COUNT && number >= shared->first && number - shared->first < shared->repeat;
  // A tear, a short write and a flip need bytes that are written; a flip also takes those that are read.
  if (hit && (mode == SHORT || (mode == FLIP && kind != READ)) && kind != WRITE) { hit = 0; }
  if (log_file >= 0)
  {
    char line[8300];
    int length = snprintf(line, sizeof line, "%lu %s %s%s\n", (unsigned long)number, names[kind], path, hit ? " !" : "");
    raw(SYS_write, log_file, (long)line, length, 0, 0, 0);
  }
  if (!hit) { return none; }
  atomic_fetch_add(&shared->fired, 1);
  atomic_store(&shared->fired_kind, kind);
  if (mode == KILL_BEFORE || (mode == TEAR && kind != WRITE)) { die(); }
  if (mode == DELAY)
  {
    struct timespec wait = { (time_t)(shared->argument / 1000000), (long)(shared->argument % 1000000) * 1000 };
    raw(SYS_nanosleep, (long)&wait, 0, 0, 0, 0, 0);
    return none;
  }
  struct verdict is = { (int)mode, shared->argument };
  return is;
}

static struct verdict judge_file(enum kind kind, int file)
{
  struct verdict none = { COUNT, 0 };
  char path[8192];
  int saved = errno;
  if (!shared || file < 0) { return none; }
  struct verdict is = of_file(file, path) ? judge(kind, path) : none;
  errno = saved;
  return is;
}

static struct verdict judge_name(enum kind kind, int folder, const char *name)
{
  struct verdict none = { COUNT, 0 };
  char path[8192];
  int saved = errno;
  if (!shared) { return none; }
  struct verdict is = of_name(folder, name, path) ? judge(kind, path) : none;
  errno = saved;
  return is;
}

// For calls without bytes of their own: made unless it fails, and the last thing the process did when it is killed after it.
#define DO(judged, call) do { \
    struct verdict v = (judged); \
    if (v.action == FAIL) { errno = (int)v.argument; return -1; } \
    long result = (call); \
    if (v.action == KILL_AFTER) { die(); } \
    return result; \
  } while (0)

static enum kind open_kind(uint64_t flags) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? CREATE : OPEN; }

static long open_at(int folder, const char *name, int flags, mode_t mode)
{
  DO(judge_name(open_kind((unsigned)flags), folder, name), raw(SYS_openat, folder, (long)name, flags, mode, 0, 0));
}

static mode_t mode_of(int flags, va_list arguments) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0; }

#define OPEN_FUNCTION(function) \
  EXPORT int function(const char *name, int flags, ...) \
  { va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, rest); va_end(rest); return (int)open_at(AT_FDCWD, name, flags, mode); }
OPEN_FUNCTION(open)
OPEN_FUNCTION(open64)

#define OPENAT_FUNCTION(function) \
  EXPORT int function(int folder, const char *name, int flags, ...) \
  { va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, rest); va_end(rest); return (int)open_at(folder, name, flags, mode); }
OPENAT_FUNCTION(openat)
OPENAT_FUNCTION(openat64)

EXPORT int creat(const char *name, mode_t mode) { return (int)open_at(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// openat2 has no function of its own in the C library.
EXPORT long syscall(long number, ...)
{
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (number == 437) // openat2; its third argument begins with the flags
  {
    uint64_t flags = c ? *(const uint64_t *)c : 0;
    DO(judge_name(open_kind(flags), (int)a, (const char *)b), raw(number, a, b, c, d, e, f));
  }
  return raw(number, a, b, c, d, e, f);
}

static ssize_t written(struct verdict v, int file, const void *bytes, size_t count, long offset, int has_offset)
{
  if (v.action == FAIL) { errno = (int)v.argument; return -1; }
  void *copy = NULL;
  if ((v.action == SHORT || v.action == TEAR) && count > 1) { count /= 2; }
  if (v.action == FLIP && count > 0 && (copy = malloc(count)))
  {
    memcpy(copy, bytes, count);
    ((unsigned char *)copy)[v.argument / 8 % count] ^= (unsigned char)(1u << v.argument % 8);
    bytes = copy;
  }
  ssize_t result = has_offset ? raw(SYS_pwrite64, file, (long)bytes, (long)count, offset, 0, 0) : raw(SYS_write, file, (long)bytes, (long)count, 0, 0, 0);
  int saved = errno;
  free(copy);
  errno = saved;
  if (v.action == KILL_AFTER || v.action == TEAR) { die(); }
  return result;
}

EXPORT ssize_t write(int file, const void *bytes, size_t count) { return written(judge_file(WRITE, file), file, bytes, count, 0, 0); }
EXPORT ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return written(judge_file(WRITE, file), file, bytes, count, offset, 1); }
EXPORT ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) { return written(judge_file(WRITE, file), file, bytes, count, offset, 1); }
EXPORT ssize_t writev(int file, const struct iovec *parts, int count) { DO(judge_file(WRITE, file), raw(SYS_writev, file, (long)parts, count, 0, 0, 0)); }
EXPORT ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) { DO(judge_file(WRITE, file), raw(SYS_pwritev, file, (long)parts, count, offset, 0, 0)); }
EXPORT ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) { DO(judge_file(WRITE, file), raw(SYS_pwritev, file, (long)parts, count, offset, 0, 0)); }

static ssize_t read_bytes(struct verdict v, int file, void *bytes, size_t count, long offset, int has_offset)
{
  if (v.action == FAIL) { errno = (int)v.argument; return -1; }
  ssize_t result = has_offset ? raw(SYS_pread64, file, (long)bytes, (long)count, offset, 0, 0) : raw(SYS_read, file, (long)bytes, (long)count, 0, 0, 0);
  if (v.action == KILL_AFTER) { die(); }
  if (v.action == FLIP && result > 0) { ((unsigned char *)bytes)[v.argument / 8 % (uint64_t)result] ^= (unsigned char)(1u << v.argument % 8); }
  return result;
}

EXPORT ssize_t read(int file, void *bytes, size_t count) { return read_bytes(judge_file(READ, file), file, bytes, count, 0, 0); }
EXPORT ssize_t pread(int file, void *bytes, size_t count, off_t offset) { return read_bytes(judge_file(READ, file), file, bytes, count, offset, 1); }
EXPORT ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) { return read_bytes(judge_file(READ, file), file, bytes, count, offset, 1); }

EXPORT int ftruncate(int file, off_t length) { DO(judge_file(TRUNCATE, file), raw(SYS_ftruncate, file, length, 0, 0, 0, 0)); }
EXPORT int ftruncate64(int file, off64_t length) { DO(judge_file(TRUNCATE, file), raw(SYS_ftruncate, file, length, 0, 0, 0, 0)); }
EXPORT int fallocate(int file, int mode, off_t offset, off_t length) { DO(judge_file(ALLOCATE, file), raw(SYS_fallocate, file, mode, offset, length, 0, 0)); }
EXPORT int fallocate64(int file, int mode, off64_t offset, off64_t length) { DO(judge_file(ALLOCATE, file), raw(SYS_fallocate, file, mode, offset, length, 0, 0)); }

static int allocate(int file, long offset, long length)
{
  struct verdict v = judge_file(ALLOCATE, file);
  if (v.action == FAIL) { return (int)v.argument; } // this one returns its error
  long result = raw(SYS_fallocate, file, 0, offset, length, 0, 0);
  if (v.action == KILL_AFTER) { die(); }
  return result < 0 ? errno : 0;
}

EXPORT int posix_fallocate(int file, off_t offset, off_t length) { return allocate(file, offset, length); }
EXPORT int posix_fallocate64(int file, off64_t offset, off64_t length) { return allocate(file, offset, length); }
EXPORT int fsync(int file) { DO(judge_file(SYNC, file), raw(SYS_fsync, file, 0, 0, 0, 0, 0)); }
EXPORT int fdatasync(int file) { DO(judge_file(DATASYNC, file), raw(SYS_fdatasync, file, 0, 0, 0, 0, 0)); }
EXPORT int syncfs(int file) { DO(judge_file(SYNCFS, file), raw(SYS_syncfs, file, 0, 0, 0, 0, 0)); }
EXPORT int rename(const char *from, const char *to) { DO(judge_name(RENAME, AT_FDCWD, from), raw(SYS_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0, 0)); }
EXPORT int renameat(int folder, const char *from, int to_folder, const char *to) { DO(judge_name(RENAME, folder, from), raw(SYS_renameat2, folder, (long)from, to_folder, (long)to, 0, 0)); }
EXPORT int renameat2(int folder, const char *from, int to_folder, const char *to, unsigned flags)
{
  DO(judge_name(RENAME, folder, from), raw(SYS_renameat2, folder, (long)from, to_folder, (long)to, flags, 0));
}
EXPORT int link(const char *from, const char *to) { DO(judge_name(LINK, AT_FDCWD, to), raw(SYS_linkat, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0, 0)); }
EXPORT int linkat(int folder, const char *from, int to_folder, const char *to, int flags)
{
  DO(judge_name(LINK, to_folder, to), raw(SYS_linkat, folder, (long)from, to_folder, (long)to, flags, 0));
}
EXPORT int unlink(const char *name) { DO(judge_name(UNLINK, AT_FDCWD, name), raw(SYS_unlinkat, AT_FDCWD, (long)name, 0, 0, 0, 0)); }
EXPORT int rmdir(const char *name) { DO(judge_name(UNLINK, AT_FDCWD, name), raw(SYS_unlinkat, AT_FDCWD, (long)name, AT_REMOVEDIR, 0, 0, 0)); }
EXPORT int unlinkat(int folder, const char *name, int flags) { DO(judge_name(UNLINK, folder, name), raw(SYS_unlinkat, folder, (long)name, flags, 0, 0, 0)); }
EXPORT int mkdir(const char *name, mode_t mode) { DO(judge_name(MKDIR, AT_FDCWD, name), raw(SYS_mkdirat, AT_FDCWD, (long)name, mode, 0, 0, 0)); }
EXPORT int mkdirat(int folder, const char *name, mode_t mode) { DO(judge_name(MKDIR, folder, name), raw(SYS_mkdirat, folder, (long)name, mode, 0, 0, 0)); }
EXPORT int symlink(const char *target, const char *name) { DO(judge_name(SYMLINK, AT_FDCWD, name), raw(SYS_symlinkat, (long)target, AT_FDCWD, (long)name, 0, 0, 0)); }
EXPORT int symlinkat(const char *target, int folder, const char *name) { DO(judge_name(SYMLINK, folder, name), raw(SYS_symlinkat, (long)target, folder, (long)name, 0, 0, 0)); }
EXPORT int fchmod(int file, mode_t mode) { DO(judge_file(CHMOD, file), raw(SYS_fchmod, file, mode, 0, 0, 0, 0)); }
EXPORT int futimens(int file, const struct timespec times[2]) { DO(judge_file(UTIMES, file), raw(SYS_utimensat, file, 0, (long)times, 0, 0, 0)); }
EXPORT int utimensat(int folder, const char *name, const struct timespec times[2], int flags)
{
  DO(judge_name(UTIMES, folder, name), raw(SYS_utimensat, folder, (long)name, (long)times, flags, 0, 0));
}
EXPORT int close(int file) { DO(judge_file(CLOSE, file), raw(SYS_close, file, 0, 0, 0, 0, 0)); }
