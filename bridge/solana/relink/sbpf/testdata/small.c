// The least program with all that Link resolves: a string, a table of addresses, a call within the program and two syscalls.
// clang-19 -target bpfel -mcpu=v2 -O2 -ffreestanding -fno-builtin -c small.c -o small.o
typedef unsigned long u64;
extern u64 sol_log_(const char *text, u64 size);
extern u64 sol_log_64_(u64 a, u64 b, u64 c, u64 d, u64 e);

static const char *const names[] = {"even", "odd"};

static __attribute__((noinline)) const char *name_of(u64 n) { return names[n & 1]; }

u64 entrypoint(unsigned char *in) {
  u64 n = *(u64 *)in;
  sol_log_(name_of(n), 3);
  sol_log_64_(n, 0, 0, 0, 0);
  return 0;
}
