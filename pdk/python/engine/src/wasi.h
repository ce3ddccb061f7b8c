// WASI, as far as libc asks for it. Definitions here replace the imports.

#include <wasi/api.h>

int32_t __imported_wasi_snapshot_preview1_environ_get(int32_t arg0, int32_t arg1) { return 0; }
int32_t __imported_wasi_snapshot_preview1_environ_sizes_get(int32_t arg0, int32_t arg1) { *(uint32_t *)arg0 = *(uint32_t *)arg1 = 0; return 0; }
int32_t __imported_wasi_snapshot_preview1_clock_res_get(int32_t arg0, int32_t arg1) { *(uint64_t *)arg1 = 1000000; return 0; }
int32_t __imported_wasi_snapshot_preview1_clock_time_get(int32_t arg0, int64_t arg1, int32_t arg2) { return hc_clock((uint64_t *)arg2); }
int32_t __imported_wasi_snapshot_preview1_fd_advise(int32_t arg0, int64_t arg1, int64_t arg2, int32_t arg3) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_datasync(int32_t arg0) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(int32_t arg0, int32_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_fdstat_set_flags(int32_t arg0, int32_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_filestat_get(int32_t arg0, int32_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_filestat_set_size(int32_t arg0, int64_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_filestat_set_times(int32_t arg0, int64_t arg1, int64_t arg2, int32_t arg3) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_pread(int32_t arg0, int32_t arg1, int32_t arg2, int64_t arg3, int32_t arg4) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_prestat_get(int32_t arg0, int32_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_prestat_dir_name(int32_t arg0, int32_t arg1, int32_t arg2) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_pwrite(int32_t arg0, int32_t arg1, int32_t arg2, int64_t arg3, int32_t arg4) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_read(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_readdir(int32_t arg0, int32_t arg1, int32_t arg2, int64_t arg3, int32_t arg4) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t arg0, int64_t arg1, int32_t arg2, int32_t arg3) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_sync(int32_t arg0) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_tell(int32_t arg0, int32_t arg1) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3) { return __WASI_ERRNO_BADF; }
int32_t __imported_wasi_snapshot_preview1_path_create_directory(int32_t arg0, int32_t arg1, int32_t arg2) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_filestat_get(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_filestat_set_times(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int64_t arg4, int64_t arg5, int32_t arg6) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_link(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4, int32_t arg5, int32_t arg6) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_open(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4, int64_t arg5, int64_t arg6, int32_t arg7, int32_t arg8) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_readlink(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4, int32_t arg5) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_remove_directory(int32_t arg0, int32_t arg1, int32_t arg2) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_rename(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4, int32_t arg5) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_symlink(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3, int32_t arg4) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_path_unlink_file(int32_t arg0, int32_t arg1, int32_t arg2) { return __WASI_ERRNO_NOSYS; }
int32_t __imported_wasi_snapshot_preview1_poll_oneoff(int32_t arg0, int32_t arg1, int32_t arg2, int32_t arg3) { return __WASI_ERRNO_NOSYS; }
_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t arg0) { __builtin_trap(); }
int32_t __imported_wasi_snapshot_preview1_sched_yield() { return 0; }
int32_t __imported_wasi_snapshot_preview1_random_get(int32_t arg0, int32_t arg1) { return hc_random((uint8_t *)arg0, arg1); }
int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t arg0) { return __WASI_ERRNO_BADF; }

/// libc's own `close` calls an import by another name.
int close(int file) {
    errno = EBADF;
    return -1;
}
