namespace PromptPilot.Core.Audit;

/// <summary>
/// How changes of one entity are told. Each property is in exactly one of three lists, which a test holds; at run time what is in none is
/// not told, so that a forgotten one leaks nothing.
/// </summary>
/// <param name="Kind">The word of the glossary.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Shown">Told with their values.</param>
/// <param name="Secret">Told without their values.</param>
/// <param name="Quiet">Not told: bookkeeping, or said by another property.</param>
internal sealed record AuditedKind(string Kind, Func<object, string> Name, string[] Shown, string[] Secret, string[] Quiet);
