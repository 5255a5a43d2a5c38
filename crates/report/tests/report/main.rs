//! The formats as a whole: snapshots, schemas, hostile names.

#[cfg(test)]
mod formats;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod human;
#[cfg(test)]
mod junit;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod sarif;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod store;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod support;
