using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Tests.Support;

/// <summary>A fresh SQLite file with the latest schema with the services a test asks for, without a web host.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string FileName = "promptpilot.db";

    private readonly TempDirectory _directory = new();
    private readonly ServiceProvider _services;

    private TestDatabase(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddLogging();
        services.AddData(_ => _directory.File(FileName));
        services.TryAddSingleton<Sessions>();
        services.TryAddSingleton<Access>();
        services.TryAddSingleton<Operations>();
        add(services);
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public IDbContextFactory<PromptPilotDbContext> Contexts => Get<IDbContextFactory<PromptPilotDbContext>>();

    /// <summary>Makes the file, with the latest schema.</summary>
    /// <param name="add">Adds the features under test; what is registered last wins.</param>
    public static async Task<TestDatabase> CreateAsync(Action<IServiceCollection> add)
    {
        var database = new TestDatabase(add);
        await DatabaseTemplate.CopyToAsync(database._directory.File(FileName));
        return database;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<TestPerson> AddPersonAsync(Role role, Permission scope = Permission.Admin) => TestPeople.CreateAsync(Contexts, role, scope);

    /// <summary>Saves rows as they are.</summary>
    public async Task SaveAsync(params object[] rows)
    {
        await using var db = await Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
        db.AddRange(rows);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var db = await Contexts.CreateDbContextAsync())
        {
            DatabaseTemplate.Close(db);
        }

        await _services.DisposeAsync();
        _directory.Dispose();
    }
}
