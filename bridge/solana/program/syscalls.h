// The syscalls of the Solana runtime that the program makes. Those without a documented result abort the transaction on failure.
#pragma once

extern u64 sol_log_(const u8 *text, u64 size);
extern u64 sol_log_data(const slice *parts, u64 n);
extern u64 sol_memcpy_(u8 *to, const u8 *from, u64 n);
extern u64 sol_memset_(u8 *at, u8 value, u64 n);
extern u64 sol_memcmp_(const u8 *a, const u8 *b, u64 n, int *result);
extern u64 sol_keccak256(const slice *parts, u64 n, u8 *out);
// 0 and the 64 bytes x | y of the key, or why there is none.
extern u64 sol_secp256k1_recover(const u8 *digest, u64 recovery_id, const u8 *signature, u8 *key);
// 0 and the address, or 1 where the seeds give a point on the curve.
extern u64 sol_create_program_address(const slice *seeds, u64 n, const u8 *program, u8 *address);
extern u64 sol_try_find_program_address(const slice *seeds, u64 n, const u8 *program, u8 *address, u8 *bump);
extern u64 sol_get_clock_sysvar(u8 *clock);
extern u64 sol_get_rent_sysvar(u8 *rent);
extern u64 sol_set_return_data(const u8 *data, u64 size);
extern u64 sol_invoke_signed_c(const void *instruction, const void *infos, u64 infos_n, const void *signers, u64 signers_n);
