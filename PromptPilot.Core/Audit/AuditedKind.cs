namespace PromptPilot.Core.Audit;

/// <summary>
/// How changes of one entity are recorded. Each property is in exactly one of three lists, which a test verifies; at run time a property
/// in none is not recorded, so that a forgotten one leaks nothing.
/// </summary>
/// <param name="Kind">The word of the glossary.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Shown">Recorded with their values.</param>
/// <param name="Secret">Recorded without their values.</param>
/// <param name="Quiet">Not recorded: bookkeeping, or covered by another property.</param>
internal sealed record AuditedKind(string Kind, Func<object, string> Name, string[] Shown, string[] Secret, string[] Quiet);
