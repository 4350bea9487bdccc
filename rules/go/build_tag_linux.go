// pattern: build-tag

//go:build linux

package patterns

const watcher = "inotify" // another file of the package says `//go:build !linux`

// end
