// Package npm installs what tests need from npm: the exact packages of a package-lock.json, once on a machine, into a cache.
//
// The cache is the folder of IPDM_NPM_CACHE, or else ipdm/npm in the user's cache. An installation is named by the hash of
// its lock file, made under a file lock and put in place by a rename, so that several test binaries can want it at once.
// Install scripts of packages do not run.
package npm
