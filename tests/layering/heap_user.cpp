// What the controller must not do, for the test of the symbol check.
int* on_the_heap() {
  return new int{1};
}
