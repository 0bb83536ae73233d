/*
 * demo.h: a throwaway repository, a sandbox (or a given cluster) and an engine to try Reckon on,
 * and a tour that checks each step from outside: through git and the Kubernetes API.
 */
#ifndef RK_DEMO_H
#define RK_DEMO_H

/* `reckon demo [--dir D] [--tour] [--kubeconfig F]`; the process's exit status. */
int demo_main(int argc, char **argv);

#endif
