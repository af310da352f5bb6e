//! The tree next to the list: services, their accounts, applications and variants; for camelAI, origins and users.

use crate::app::browse::Browse;
use crate::app::browse::thread_list::{ListPhase, ThreadList};
use crate::domain::{AccountRef, ListedVariant};
use crate::layout::Direction;
use crate::provider::{self, Provider};
use crate::view::thread_table::{GroupCounts, ThreadGroup};

/// A row of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeNode {
    pub account: AccountRef,
    pub group: ThreadGroup,
    pub depth: u16,
    /// A name from the service, or its id.
    pub label: String,
    /// The number of threads, once known.
    pub count: Option<usize>,
    /// The reason why the group could not be listed.
    pub refusal: Option<String>,
}

impl TreeNode {
    fn new(
        account: &AccountRef,
        depth: u16,
        (group, label, count): (ThreadGroup, String, Option<usize>),
    ) -> Self {
        Self { account: account.clone(), group, depth, label, count, refusal: None }
    }
}

impl Browse {
    /// Builds the rows of the tree: every service with its other accounts, and the groups of the shown account.
    pub(super) fn update_tree(&mut self) {
        let mut tree = Vec::new();
        for provider in provider::all() {
            let account = AccountRef::in_use(provider.id());
            let list = self.lists.get(&account);
            let known = list.and_then(|list| known_count(list, Some(list.arrangement.counts.all)));
            let root = (ThreadGroup::All, service_label(*provider, list), known);
            tree.push(TreeNode::new(&account, 0, root));
            self.add_groups(&account, 1, &mut tree);
            for (kept, count) in list.map_or(&[][..], |list| list.other_accounts.as_slice()) {
                let account = AccountRef { kept: Some(kept.clone()), ..account };
                let label = format!("kept: {}", kept.label());
                tree.push(TreeNode::new(&account, 1, (ThreadGroup::All, label, Some(*count))));
                self.add_groups(&account, 2, &mut tree);
            }
        }
        self.tree = tree;
    }

    /// Adds the groups of an account, if it is shown.
    fn add_groups(&self, account: &AccountRef, depth: u16, tree: &mut Vec<TreeNode>) {
        if let Some(list) = self.list().filter(|_| self.account.as_ref() == Some(account)) {
            tree.extend(application_nodes(account, depth, list));
            tree.extend(other_nodes(account, depth, list));
        }
    }

    /// Returns the row of the tree of the group that is shown.
    pub fn tree_row(&self) -> usize {
        let group = self.list().map(|list| &list.group);
        let is_shown = |node: &TreeNode| {
            Some(&node.account) == self.account.as_ref() && group.is_none_or(|group| node.group == *group)
        };
        self.tree.iter().position(is_shown).unwrap_or(0)
    }

    pub(super) fn depth_at(&self, row: usize) -> u16 {
        self.tree.get(row).map_or(0, |node| node.depth)
    }

    /// Returns the row of the first group inside the shown one.
    pub fn child_row(&self) -> Option<usize> {
        let row = self.tree_row();
        (self.depth_at(row + 1) > self.depth_at(row)).then_some(row + 1)
    }

    /// Returns the row of the group around the shown one.
    pub(super) fn parent_row(&self) -> Option<usize> {
        let row = self.tree_row();
        (0..row).rev().find(|above| self.depth_at(*above) < self.depth_at(row))
    }

    /// Returns the row of the next or previous group of the same kind, with any parent.
    pub(super) fn sibling_row(&self, direction: Direction) -> Option<usize> {
        let row = self.tree_row();
        let is_sibling = |other: &usize| self.depth_at(*other) == self.depth_at(row);
        match direction {
            Direction::Forward => (row + 1..self.tree.len()).find(is_sibling),
            Direction::Backward => (0..row).rev().find(is_sibling),
        }
    }

    /// Returns the rows from the service down to the shown group.
    pub fn breadcrumb(&self) -> Vec<&TreeNode> {
        let row = self.tree_row();
        let mut path: Vec<&TreeNode> = Vec::new();
        for node in self.tree.iter().take(row + 1).rev() {
            if path.last().is_none_or(|below| node.depth < below.depth) {
                path.push(node);
            }
        }
        path.reverse();
        path
    }
}

fn service_label(provider: &dyn Provider, list: Option<&ThreadList>) -> String {
    let name = provider.display_name();
    match list.map(|list| list.accounts.as_slice()) {
        Some([account]) if !account.name.trim().is_empty() => format!("{name} · {}", account.name),
        Some(_) | None => name.to_owned(),
    }
}

/// Returns a count, unless it is zero while threads may still arrive.
fn known_count(list: &ThreadList, count: Option<usize>) -> Option<usize> {
    let is_known = matches!(list.phase, ListPhase::Ended { .. });
    count.filter(|count| *count > 0).or(is_known.then_some(0))
}

fn application_nodes(account: &AccountRef, depth: u16, list: &ThreadList) -> Vec<TreeNode> {
    let applications = &list.applications;
    let counts: &GroupCounts = &list.arrangement.counts;
    let mut ids: Vec<&str> =
        applications.applications().iter().map(|application| application.id.as_str()).collect();
    ids.extend(applications.variants().iter().filter_map(|variant| variant.application_id.as_deref()));
    ids.sort_by_key(|id| (applications.application_name(id).to_lowercase(), *id));
    ids.dedup();
    let mut variants: Vec<&ListedVariant> = applications.variants().iter().collect();
    variants
        .sort_by_key(|variant| (applications.variant_name(&variant.id).to_lowercase(), variant.id.as_str()));
    let node = |group, depth, label: &str, count: Option<usize>, refusal| {
        let count = known_count(list, count);
        TreeNode { refusal, ..TreeNode::new(account, depth, (group, label.to_owned(), count)) }
    };
    let variant_node = |variant: &&ListedVariant, depth| {
        let (id, name) = (&variant.id, applications.variant_name(&variant.id));
        let label = if variant.is_draft { format!("{name} (draft)") } else { name.to_owned() };
        let refusal = list.refusal_of(id).map(|refusal| refusal.reason.clone());
        node(ThreadGroup::Variant(id.clone()), depth, &label, counts.variants.get(id).copied(), refusal)
    };
    let mut nodes = Vec::new();
    for id in ids {
        let count = counts.applications.get(id).copied();
        nodes.push(node(
            ThreadGroup::Application(id.to_owned()),
            depth,
            applications.application_name(id),
            count,
            None,
        ));
        let inside = variants.iter().filter(|variant| variant.application_id.as_deref() == Some(id));
        nodes.extend(inside.map(|variant| variant_node(variant, depth + 1)));
    }
    let outside = variants.iter().filter(|variant| variant.application_id.is_none());
    nodes.extend(outside.map(|variant| variant_node(variant, depth)));
    nodes
}

/// Returns the origins, and users where there are no applications.
fn other_nodes(account: &AccountRef, depth: u16, list: &ThreadList) -> Vec<TreeNode> {
    let counts = &list.arrangement.counts;
    if !counts.applications.is_empty() || !list.applications.variants().is_empty() {
        return Vec::new();
    }
    let node = |group: fn(String) -> ThreadGroup, kind: &str, (name, count): &(String, usize)| {
        TreeNode::new(account, depth, (group(name.clone()), format!("{kind}{name}"), Some(*count)))
    };
    let origins = counts.origins.iter().map(|entry| node(ThreadGroup::Origin, "by ", entry));
    let users = counts.users.iter().map(|entry| node(ThreadGroup::User, "", entry));
    origins.chain(users).collect()
}
