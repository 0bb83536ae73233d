/*
 * admin.h: the verbs of reckon-engine that are no servers: init, seal, unseal, fetch-cert,
 * audit verify. A table from words to functions, one file a verb. Offline but for the cluster that
 * init looks at and that a sealing certificate is fetched from.
 */
#ifndef RK_ADMIN_H
#define RK_ADMIN_H

/*
 * argv[0] is the verb's word, argv[1...] what follows it (also when argv[0] is the program and
 * argv[1] the word). stdout is data, stderr messages. Exit status: design.md section 12.
 */
int admin_main(int argc, char **argv);

#endif
