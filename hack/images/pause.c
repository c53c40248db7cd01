/* The first process of a pod: it holds the pod's namespaces and reaps what its containers leave behind. */

#include <signal.h>
#include <sys/wait.h>

int main(void) {
  sigset_t awaited;
  int signal_number = 0;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGCHLD);
  sigprocmask(SIG_BLOCK, &awaited, 0);
  while (sigwait(&awaited, &signal_number) == 0 && signal_number == SIGCHLD) {
    while (waitpid(-1, 0, WNOHANG) > 0) {
    }
  }
  return 0;
}
