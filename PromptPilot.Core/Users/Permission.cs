namespace PromptPilot.Core.Users;

/// <summary>
/// The rows of the permission matrix, each including those before it. An API key's scope is one of them too: it never reaches above its
/// owner.
/// </summary>
public enum Permission
{
    /// <summary>Read prompts, workflows, runs, logs and insights; names of profiles and people. Every role.</summary>
    Read,

    /// <summary>
    /// Report calls that an application made itself, and rate on behalf of its end users: what an application needs that fetches prompts
    /// but may not spend money here. Collaborators and up.
    /// </summary>
    Report,

    /// <summary>
    /// Run published workflows, cancel, retry and fork runs, playground, rate and comment, answer reviews. Collaborators and up.
    /// </summary>
    Run,

    /// <summary>
    /// Create, edit and import prompts and workflows, draft runs, triggers, hooks, publish, move labels. Architects and up.
    /// </summary>
    Write,

    /// <summary>Model profiles and keys, users, others' API keys, settings, audit log, retention. Admins.</summary>
    Admin,
}
